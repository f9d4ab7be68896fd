// Part of the fully static program alone. glibc's way of looking up names, and OpenSSL's and libmariadb's of
// finding their plugins, is to load shared libraries; in a static program each brings another libc with it,
// which works with exactly the version that it was built with, and crashes with others. So nothing is ever
// loaded.

#include <dlfcn.h>
#include <nss.h>

#include <initializer_list>

// What nsswitch.conf says is not asked: files and dns are built into glibc, the rest are libraries.
void prepare_static_libc();
void prepare_static_libc() {
    for (const char* database : {"passwd", "group", "services", "protocols"})
        __nss_configure_lookup(database, "files");
    __nss_configure_lookup("hosts", "files dns");
}

// They stand before those of libc.a in the link.
extern "C" {

void* dlopen(const char*, int) {
    return nullptr;
}

char* dlerror() {
    static char words[] = "a static program loads no libraries";
    return words;
}

void* dlsym(void*, const char*) {
    return nullptr;
}

int dlclose(void*) {
    return 0;
}

int dladdr(const void*, Dl_info*) {
    return 0;
}

}  // extern "C"
