# With BDUPDATE_UNITY sources are compiled twenty at a time: their headers are read once instead of twenty times, which is most of
# what compiling them takes. scripts/build does so, and with it CI and everybody who builds from the README; cmake by itself
# compiles each file alone, which is less where one has changed.
option(BDUPDATE_UNITY "compile many source files at once" OFF)
set(CMAKE_UNITY_BUILD ${BDUPDATE_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 20)

# bdupdate_apart(FILE...): compiled alone all the same, for it has a name in its anonymous namespace that another one of
# its room has too, or options of its own.
function(bdupdate_apart)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
bdupdate_apart(src/db/mysql_connection.cpp src/db/mysql_database.cpp)  # cmake/libmariadb.cmake
