# Debian's shared libarchive brings libxml2, ICU, nettle and more: 13 libraries, 2 ms and 3 MiB at every start, `status`
# included. Backups need tar alone; of the static library the linker keeps just that, for its functions lie in sections of
# their own. Where that does not link (no static library, another build of it), the shared one does the same.
include(CheckCXXSourceCompiles)
add_library(bdupdate_libarchive INTERFACE)
find_library(LIBARCHIVE_STATIC NAMES libarchive.a)
if(LIBARCHIVE_STATIC)
    set(CMAKE_REQUIRED_LIBRARIES ${LIBARCHIVE_STATIC} PkgConfig::ZLIB)
    set(CMAKE_REQUIRED_LINK_OPTIONS LINKER:--gc-sections)
    check_cxx_source_compiles("
        #include <archive.h>
        #include <archive_entry.h>
        int main() {
            archive_read_support_format_tar(archive_read_new());
            archive_entry* entry = archive_entry_new();
            return archive_write_set_format_pax_restricted(archive_write_new()) + archive_write_header(nullptr, entry);
        }" BDUPDATE_STATIC_LIBARCHIVE)
    unset(CMAKE_REQUIRED_LIBRARIES)
    unset(CMAKE_REQUIRED_LINK_OPTIONS)
endif()
if(BDUPDATE_STATIC_LIBARCHIVE)
    target_link_options(bdupdate_libarchive INTERFACE LINKER:--gc-sections)
    target_link_libraries(bdupdate_libarchive INTERFACE ${LIBARCHIVE_STATIC} bdupdate_zlib)
else()
    pkg_check_modules(LIBARCHIVE REQUIRED IMPORTED_TARGET libarchive)
    target_link_libraries(bdupdate_libarchive INTERFACE PkgConfig::LIBARCHIVE bdupdate_zlib)
endif()
