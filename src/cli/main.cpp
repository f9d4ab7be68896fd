#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include "bdupdate/cli/program.h"

#if defined(BDUPDATE_STATIC_LIBC)
void prepare_static_libc();  // main_static.cpp
#endif

int main(int argc, char** argv) {
#if defined(__GLIBC__)
    // `status` reads a few MiB on two threads and is gone: asking the system for memory in small pieces, each
    // of them a call and a page table to change under the other thread's feet, was a twentieth of its time.
    constexpr int piece = 4 << 20;
    mallopt(M_TOP_PAD, piece);
    mallopt(M_MMAP_THRESHOLD, piece);
#endif
#if defined(BDUPDATE_STATIC_LIBC)
    prepare_static_libc();
#endif
    return bdupdate::cli::run_program(argc, argv);
}
