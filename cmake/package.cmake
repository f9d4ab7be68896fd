# Packages, made by `cpack` in the build directory (scripts/package): preset package makes a Debian package, linked with
# Debian's own shared libraries; preset static an archive of the static program for anything else.
set(CPACK_PACKAGE_NAME bdupdate)
set(CPACK_PACKAGE_VENDOR "bdupdate")
set(CPACK_PACKAGE_CONTACT "The bdupdate developers <bdupdate@packages.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "update runner for Backdrop CMS and Drupal 7 sites")
set(CPACK_PACKAGE_DESCRIPTION
"Runs the pending updates of a Backdrop CMS site from the command line: what
core/update.php does in a browser, with the site kept safe while it happens.
It backs up first; every update runs inside a transaction, with the config
directory in step; what fails is undone, and what was interrupted goes on
where it stood.")
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

if(BDUPDATE_STATIC_LIBC)
    install(FILES ${CMAKE_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
    set(CPACK_GENERATOR TGZ)
    set(CPACK_PACKAGE_CHECKSUM SHA256)
    string(TOLOWER ${CMAKE_SYSTEM_NAME} system)
    set(CPACK_PACKAGE_FILE_NAME bdupdate-${PROJECT_VERSION}-${system}-${CMAKE_SYSTEM_PROCESSOR}-static)
elseif(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    set(CPACK_GENERATOR DEB)
    set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
    set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
    set(CPACK_DEBIAN_PACKAGE_SECTION admin)
    set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
    # What `status` needs is linked; `run` needs PHP with the driver of the site's database, and a client to back up with.
    set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "php-cli, php-mysql, php-sqlite3, mariadb-client | default-mysql-client")
    file(STRINGS cmake/debian/changelog changelog_head LIMIT_COUNT 1)
    if(NOT changelog_head MATCHES "^bdupdate \\(${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}\\)")
        message(FATAL_ERROR "cmake/debian/changelog does not begin with ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}")
    endif()
    install(FILES cmake/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
    set(debian_changelog ${CMAKE_SOURCE_DIR}/cmake/debian/changelog)
    bdupdate_written(changelog.Debian.gz ${CMAKE_INSTALL_DOCDIR} ${debian_changelog} gzip -9nc ${debian_changelog})
    set(changelog ${CMAKE_SOURCE_DIR}/CHANGELOG.md)
    bdupdate_written(changelog.gz ${CMAKE_INSTALL_DOCDIR} ${changelog} gzip -9nc ${changelog})
endif()
include(CPack)
