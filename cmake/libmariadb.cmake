# libmariadb brings OpenSSL: finding, loading and relocating the two takes a tenth of a `status`. With
# BDUPDATE_STATIC_CLIENT (preset release) they are linked in; such a binary gets Debian's next OpenSSL by being built
# again. Where the static ones do not link, the shared ones do the same.
include(CheckCXXSourceCompiles)
option(BDUPDATE_STATIC_CLIENT "link libmariadb and OpenSSL statically" OFF)
add_library(bdupdate_libmariadb INTERFACE)
if(BDUPDATE_STATIC_CLIENT)
    find_library(LIBMARIADB_STATIC NAMES libmariadb.a)
    find_library(LIBSSL_STATIC NAMES libssl.a)
    find_library(LIBCRYPTO_STATIC NAMES libcrypto.a)
    set(libmariadb_static ${LIBMARIADB_STATIC} ${LIBSSL_STATIC} ${LIBCRYPTO_STATIC} PkgConfig::ZLIB Threads::Threads
        ${CMAKE_DL_LIBS} m)
    if(LIBMARIADB_STATIC AND LIBSSL_STATIC AND LIBCRYPTO_STATIC)
        set(CMAKE_REQUIRED_INCLUDES ${MARIADB_INCLUDE_DIRS})
        set(CMAKE_REQUIRED_LIBRARIES ${libmariadb_static})
        check_cxx_source_compiles("
            #include <mysql.h>
            int main() { return mysql_init(nullptr) == nullptr; }" BDUPDATE_STATIC_LIBMARIADB)
        unset(CMAKE_REQUIRED_INCLUDES)
        unset(CMAKE_REQUIRED_LIBRARIES)
    endif()
endif()
if(BDUPDATE_STATIC_LIBMARIADB)
    target_include_directories(bdupdate_libmariadb SYSTEM INTERFACE ${MARIADB_INCLUDE_DIRS})
    target_link_options(bdupdate_libmariadb INTERFACE LINKER:--gc-sections)
    target_link_libraries(bdupdate_libmariadb INTERFACE ${libmariadb_static})
else()
    target_link_libraries(bdupdate_libmariadb INTERFACE PkgConfig::MARIADB)
endif()
