# Files that travel inside the binary: bdupdate_embed(TARGET FUNCTION NAMESPACE FOLDER PATTERN...) makes every file below
# FOLDER whose name fits a PATTERN one string of the table that bdupdate::NAMESPACE::FUNCTION() returns.
function(bdupdate_embed target function namespace folder)
    list(TRANSFORM ARGN PREPEND ${folder}/ OUTPUT_VARIABLE patterns)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder} ${patterns})
    list(SORT files)
    set(output ${CMAKE_BINARY_DIR}/generated/${function}.cpp)
    set(script ${CMAKE_SOURCE_DIR}/cmake/scripts/embed.cmake)
    list(TRANSFORM files PREPEND ${folder}/ OUTPUT_VARIABLE paths)
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} "-DFILES=${files}" -DFUNCTION=${function} -DNAMESPACE=${namespace}
            -DOUTPUT=${output} -P ${script}
        DEPENDS ${paths} ${script}
        VERBATIM)
    set_source_files_properties(${output} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)  # bytes, without style
    target_sources(${target} PRIVATE ${output})
endfunction()
