# Widths of letters on a terminal. The static library where it links, as with libarchive: one library less to find, load and
# relocate at every start, of which `status` has milliseconds; its tables are read only where a text is not ASCII.
include(CheckCXXSourceCompiles)
add_library(bdupdate_utf8proc INTERFACE)
find_library(UTF8PROC_STATIC NAMES libutf8proc.a)
if(UTF8PROC_STATIC)
    set(CMAKE_REQUIRED_LIBRARIES ${UTF8PROC_STATIC})
    check_cxx_source_compiles("
        #include <utf8proc.h>
        int main() { return utf8proc_charwidth(0x4e00) - 2; }" BDUPDATE_STATIC_UTF8PROC)
    unset(CMAKE_REQUIRED_LIBRARIES)
endif()
if(BDUPDATE_STATIC_UTF8PROC)
    target_link_libraries(bdupdate_utf8proc INTERFACE ${UTF8PROC_STATIC})
else()
    pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)
    target_link_libraries(bdupdate_utf8proc INTERFACE PkgConfig::UTF8PROC)
endif()
