# libmariadb brings OpenSSL: finding, loading and relocating the two takes a tenth of a `status`. With
# BDUPDATE_STATIC they are linked in. Where the static ones do not link, the shared ones do the same.
include(CheckCXXSourceCompiles)
add_library(bdupdate_libmariadb INTERFACE)
if(BDUPDATE_STATIC)
    set(OPENSSL_USE_STATIC_LIBS TRUE)
endif()
find_package(OpenSSL REQUIRED)
if(BDUPDATE_STATIC)
    find_library(LIBMARIADB_STATIC NAMES libmariadb.a)
    if(LIBMARIADB_STATIC)
        set(libmariadb_static ${LIBMARIADB_STATIC} OpenSSL::SSL ${CMAKE_DL_LIBS} m)
        set(CMAKE_REQUIRED_INCLUDES ${MARIADB_INCLUDE_DIRS})
        set(CMAKE_REQUIRED_LIBRARIES ${libmariadb_static} PkgConfig::ZLIB)
        check_cxx_source_compiles("
            #include <mysql.h>
            int main() { return mysql_init(nullptr) == nullptr; }" BDUPDATE_STATIC_LIBMARIADB)
        unset(CMAKE_REQUIRED_INCLUDES)
        unset(CMAKE_REQUIRED_LIBRARIES)
    endif()
endif()
if(BDUPDATE_STATIC_LIBC AND NOT BDUPDATE_STATIC_LIBMARIADB)
    message(FATAL_ERROR "libmariadb.a is missing, or does not link")
endif()
if(BDUPDATE_STATIC_LIBMARIADB)
    target_include_directories(bdupdate_libmariadb SYSTEM INTERFACE ${MARIADB_INCLUDE_DIRS})
    # The shared one keeps its variables to itself. These two files alone are compiled for the one or the other.
    set_source_files_properties(src/db/mysql_connection.cpp src/db/mysql_database.cpp PROPERTIES
        COMPILE_DEFINITIONS BDUPDATE_LIBMARIADB_VARIABLES)
    target_link_options(bdupdate_libmariadb INTERFACE LINKER:--gc-sections)
    target_link_libraries(bdupdate_libmariadb INTERFACE ${libmariadb_static} bdupdate_zlib)
else()
    target_link_libraries(bdupdate_libmariadb INTERFACE PkgConfig::MARIADB)
endif()
