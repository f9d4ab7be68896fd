# Run by ../embed.cmake at build time: FOLDER, FILES (a list of paths below it), FUNCTION, NAMESPACE -> OUTPUT, a C++
# source.
set(out "#include \"bdupdate/base/embedded_file.h\"\nnamespace bdupdate::${NAMESPACE} {\nnamespace {\n")
set(table "")
set(index 0)
foreach(file IN LISTS FILES)
    file(READ ${FOLDER}/${file} hex HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
    string(APPEND out "constexpr unsigned char bytes_${index}[] = {${bytes}};\n")
    string(APPEND table "    EmbeddedFile{\"${file}\", {reinterpret_cast<const char*>(bytes_${index}), sizeof bytes_${index}}},\n")
    math(EXPR index "${index} + 1")
endforeach()
# Declared once more: a function that no header had announced is warned of by some compilers.
string(APPEND out "}  // namespace\nstd::vector<EmbeddedFile> ${FUNCTION}();\n"
    "std::vector<EmbeddedFile> ${FUNCTION}() {\n    return {\n${table}    };\n}\n}  // namespace bdupdate::${NAMESPACE}\n")
file(WRITE ${OUTPUT} "${out}")
