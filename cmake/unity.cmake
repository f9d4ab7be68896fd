# With BDUPDATE_UNITY sources are compiled ten at a time: their headers are read once instead of ten times, which is most of
# what compiling them takes. CI does so for its tests and sanitizers; release builds compile each file for itself, which
# shows where one lives on what another includes.
option(BDUPDATE_UNITY "compile many source files at once" OFF)
set(CMAKE_UNITY_BUILD ${BDUPDATE_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 10)

# bdupdate_apart(FILE...): compiled alone all the same, for it has a name in its anonymous namespace that another one of
# its room has too.
function(bdupdate_apart)
    set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
file(GLOB report_sources src/report/*.cpp)
bdupdate_apart(
    src/backup/definer_filter.cpp src/backup/pump.cpp src/backup/verify.cpp
    src/cli/completion_zsh.cpp
    src/config/entries.cpp
    src/php/builtins_string.cpp src/php/interpreter.cpp src/php/lexer.cpp src/php/parser_string.cpp src/php/skip.cpp
    ${report_sources}
    src/lint/collect.cpp src/lint/rules_against.cpp src/lint/rules_code.cpp src/lint/rules_config.cpp
    src/lint/rules_numbers.cpp
    src/run/doctor_php.cpp src/run/mark.cpp src/run/preflight.cpp
    src/worker/php_worker.cpp)
