#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bdupdate/base/subprocess.h"

#define BDUPDATE_SKIP_WITHOUT_PHP() \
    if (!::bdupdate::find_program("php")) GTEST_SKIP() << "no php in PATH"

namespace bdupdate::test {

/// Runs one PHP script below tests/ over all sources (one process): its answer for each of them.
inline std::vector<std::string> ask_peer(const std::string& script, const std::vector<std::string>& sources,
                                         const std::string& argument = {}) {
    std::string input;
    for (const std::string& source : sources) input += std::to_string(source.size()) + '\n' + source;
    SpawnOptions options;
    // <? alone depends on php.ini, and Backdrop does not use it.
    options.argv = {"php",
                    "-d",
                    "short_open_tag=0",
                    "-d",
                    "memory_limit=-1",
                    "-d",
                    "display_errors=stderr",
                    "-d",
                    "error_reporting=0",
                    std::string(BDUPDATE_SOURCE_DIR) + "/tests/" + script,
                    argument};
    const Result<Completed> done = run_program(options, input);
    std::vector<std::string> answers;
    if (!done || !done->status.ok()) {
        ADD_FAILURE() << script << ": "
                      << (done ? done->status.text() + '\n' + done->err : done.error().message);
        return answers;
    }
    for (std::size_t from = 0; from < done->out.size();) {
        const std::size_t stop =
            done->out.compare(from, 2, ".\n") == 0 ? from : done->out.find("\n.\n", from) + 1;
        answers.push_back(done->out.substr(from, stop - from));
        from = stop + 2;
    }
    return answers;
}

struct CoreFile {
    std::filesystem::path path;
    std::string source;
};

/// Every PHP file below $BDUPDATE_REAL_CORE, in the order of their names; none where it is not set.
inline std::vector<CoreFile> real_core_files() {
    const char* core = std::getenv("BDUPDATE_REAL_CORE");
    std::vector<CoreFile> files;
    if (core == nullptr || *core == '\0') return files;
    static const std::set<std::string> extensions = {".php",     ".inc",    ".module",
                                                     ".install", ".engine", ".profile"};
    std::set<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(core)) {
        if (entry.is_regular_file() && extensions.count(entry.path().extension()) != 0)
            paths.insert(entry.path());
    }
    for (const auto& path : paths) {
        std::ifstream in(path, std::ios::binary);
        files.push_back(CoreFile{path, std::string(std::istreambuf_iterator<char>(in), {})});
    }
    return files;
}

}  // namespace bdupdate::test
