# Turns every PHP file under a folder into one generated source file: a table of {relative path, bytes}.
function(bdupdate_embed_php target folder)
    file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${folder} ${folder}/*.php)
    list(SORT files)
    set(output ${CMAKE_BINARY_DIR}/generated/worker_source.cpp)
    list(TRANSFORM files PREPEND ${folder}/ OUTPUT_VARIABLE paths)
    add_custom_command(
        OUTPUT ${output}
        COMMAND ${CMAKE_COMMAND} -DFOLDER=${folder} "-DFILES=${files}" -DOUTPUT=${output}
            -P ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake
        DEPENDS ${paths} ${CMAKE_SOURCE_DIR}/cmake/embed_script.cmake
        VERBATIM)
    target_sources(${target} PRIVATE ${output})
endfunction()
