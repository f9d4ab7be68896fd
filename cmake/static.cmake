# With BDUPDATE_STATIC (preset release) the libraries are linked in, libc apart: `status` answers in milliseconds, and a
# tenth of them went into finding, loading and relocating shared ones. Such a binary gets Debian's next OpenSSL or SQLite
# by being built again.
option(BDUPDATE_STATIC "link libmariadb, OpenSSL, SQLite and zlib statically" OFF)
# With BDUPDATE_STATIC_LIBC (preset static) libc as well: one file that runs on any Linux of its processor.
option(BDUPDATE_STATIC_LIBC "link everything statically, libc included" OFF)
if(BDUPDATE_STATIC_LIBC)
    set(BDUPDATE_STATIC ON)
endif()

# bdupdate_static_or_shared(NAME FILE TARGET [LIBRARY...]): an interface library NAME that links the static FILE and what
# that needs where it is wanted and there is one, else the shared TARGET.
function(bdupdate_static_or_shared name file target)
    add_library(${name} INTERFACE)
    if(BDUPDATE_STATIC)
        find_library(${name}_FILE NAMES ${file})
    endif()
    if(BDUPDATE_STATIC_LIBC AND NOT ${name}_FILE)
        message(FATAL_ERROR "there is no ${file} to link statically")
    endif()
    if(${name}_FILE)
        target_link_libraries(${name} INTERFACE ${${name}_FILE} ${ARGN})
    else()
        target_link_libraries(${name} INTERFACE ${target})
    endif()
endfunction()

bdupdate_static_or_shared(bdupdate_zlib libz.a PkgConfig::ZLIB)
bdupdate_static_or_shared(bdupdate_sqlite libsqlite3.a PkgConfig::SQLITE3 bdupdate_zlib ${CMAKE_DL_LIBS} m)
