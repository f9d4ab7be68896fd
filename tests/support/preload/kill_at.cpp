// Preloaded into the program under test: ends it, as a power switch would end a process, right before the
// N-th call that writes something (KILL_AT=N), or counts those calls (KILL_COUNT=FILE). With KILL_SYNCED=FILE
// it notes how long the journal's write-ahead log was when it was synced last: a power cut may take what
// stands behind.

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

namespace {

std::atomic<long> calls{0};
long kill_at = 0;
const char* count_file = nullptr;
const char* synced_file = nullptr;

/// PHP, which inherits the environment, is somebody else's victim.
bool in_program() {
    char path[4096];
    const ssize_t length = ::readlink("/proc/self/exe", path, sizeof path - 1);
    if (length <= 0) return false;
    path[length] = '\0';
    const char* name = std::strrchr(path, '/');
    return name != nullptr && std::strcmp(name, "/bdupdate") == 0;
}

struct Setup {
    Setup() {
        if (!in_program()) return;
        if (const char* at = std::getenv("KILL_AT")) kill_at = std::atol(at);
        count_file = std::getenv("KILL_COUNT");
        synced_file = std::getenv("KILL_SYNCED");
    }
    ~Setup() {
        if (count_file == nullptr) return;
        if (FILE* file = std::fopen(count_file, "w")) {
            std::fprintf(file, "%ld\n", calls.load());
            std::fclose(file);
        }
    }
} const setup;

void step() {
    if (++calls == kill_at) ::kill(::getpid(), SIGKILL);
}

/// Called behind a sync: remembers the length of the journal's write-ahead log.
void note_synced(int fd) {
    if (synced_file == nullptr) return;
    const std::string link = "/proc/self/fd/" + std::to_string(fd);
    char path[4096];
    const ssize_t length = ::readlink(link.c_str(), path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = '\0';
    struct stat status {};
    if (std::strstr(path, "journal.sqlite-wal") == nullptr || ::fstat(fd, &status) != 0) return;
    if (FILE* file = std::fopen(synced_file, "w")) {
        std::fprintf(file, "%lld\n", static_cast<long long>(status.st_size));
        std::fclose(file);
    }
}

template <class Function>
Function next(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

// Signatures are libc's.
#define BDUPDATE_STEP(result, name, parameters, arguments)          \
    extern "C" result name parameters {                             \
        static const auto real = next<result(*) parameters>(#name); \
        step();                                                     \
        return real arguments;                                      \
    }

BDUPDATE_STEP(ssize_t, pwrite64, (int fd, const void* data, size_t size, off64_t at), (fd, data, size, at))
BDUPDATE_STEP(ssize_t, pwrite, (int fd, const void* data, size_t size, off_t at), (fd, data, size, at))
BDUPDATE_STEP(ssize_t, write, (int fd, const void* data, size_t size), (fd, data, size))
BDUPDATE_STEP(ssize_t, send, (int fd, const void* data, size_t size, int flags), (fd, data, size, flags))
BDUPDATE_STEP(int, rename, (const char* from, const char* to), (from, to))
BDUPDATE_STEP(int, renameat, (int a, const char* from, int b, const char* to), (a, from, b, to))
BDUPDATE_STEP(int, unlink, (const char* path), (path))
BDUPDATE_STEP(int, unlinkat, (int fd, const char* path, int flags), (fd, path, flags))
BDUPDATE_STEP(int, ftruncate64, (int fd, off64_t size), (fd, size))

extern "C" int fsync(int fd) {
    static const auto real = next<int (*)(int)>("fsync");
    step();
    const int result = real(fd);
    note_synced(fd);
    return result;
}

extern "C" int fdatasync(int fd) {
    static const auto real = next<int (*)(int)>("fdatasync");
    step();
    const int result = real(fd);
    note_synced(fd);
    return result;
}
