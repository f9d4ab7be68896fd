# What `cmake --install` and the packages hold: the program, its completions and man page (written by itself), docs.
include(GNUInstallDirs)

set(written_dir ${CMAKE_BINARY_DIR}/generated/share)
file(MAKE_DIRECTORY ${written_dir})
set_property(GLOBAL PROPERTY BDUPDATE_WRITTEN)

# bdupdate_written(FILE DESTINATION DEPENDENCY COMMAND...): FILE is what the shell command prints.
function(bdupdate_written file destination dependency)
    add_custom_command(
        OUTPUT ${written_dir}/${file}
        COMMAND sh -c "\"$@\" >\"$0.new\" && mv \"$0.new\" \"$0\"" ${written_dir}/${file} ${ARGN}
        DEPENDS ${dependency}
        VERBATIM)
    set_property(GLOBAL APPEND PROPERTY BDUPDATE_WRITTEN ${written_dir}/${file})
    if(destination)
        install(FILES ${written_dir}/${file} DESTINATION ${destination})
    endif()
endfunction()

# Where Debian's packages put theirs is not where its shells look below /usr/local.
set(zsh_completions ${CMAKE_INSTALL_DATADIR}/zsh/site-functions)
if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
    set(zsh_completions ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
endif()
bdupdate_written(bdupdate ${CMAKE_INSTALL_DATADIR}/bash-completion/completions bdupdate $<TARGET_FILE:bdupdate> completion bash)
bdupdate_written(_bdupdate ${zsh_completions} bdupdate $<TARGET_FILE:bdupdate> completion zsh)
bdupdate_written(bdupdate.fish ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d bdupdate $<TARGET_FILE:bdupdate> completion fish)
bdupdate_written(bdupdate.1 "" bdupdate $<TARGET_FILE:bdupdate> completion man)
bdupdate_written(bdupdate.1.gz ${CMAKE_INSTALL_MANDIR}/man1 ${written_dir}/bdupdate.1 gzip -9nc ${written_dir}/bdupdate.1)

install(TARGETS bdupdate)
file(GLOB pages CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/docs/*.md)
install(FILES ${CMAKE_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES ${pages} DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)

include(cmake/package.cmake)
get_property(all_written GLOBAL PROPERTY BDUPDATE_WRITTEN)
add_custom_target(bdupdate_share ALL DEPENDS ${all_written})
