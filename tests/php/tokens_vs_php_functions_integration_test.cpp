// The functions we find in a file against those that PHP declares when it compiles it: names, lines, doc
// comments and descriptions, over a real core (BDUPDATE_REAL_CORE) and over random files.

#include <gtest/gtest.h>

#include <iostream>
#include <string>
#include <vector>

#include "bdupdate/base/digest.h"
#include "bdupdate/php/functions.h"
#include "php/nasty_file.h"
#include "php/php_peer.h"

namespace bdupdate {
namespace {

std::string our_report(const std::string& source, std::size_t& functions) {
    const php::Outline outline = php::outline(source);
    if (outline.error)
        return "line " + std::to_string(outline.error->line) + ": " + outline.error->text + '\n';
    std::string out;
    for (const php::FunctionDeclaration& function : outline.functions) {
        if (function.conditional) continue;
        ++functions;
        out += function.name + ' ' + std::to_string(function.line) + ' ' + md5_hex(function.doc_comment) +
               ' ' + md5_hex(php::update_description(function.doc_comment)) + '\n';
    }
    return out;
}

struct Count {
    std::size_t compared = 0, refused = 0, functions = 0;
};

Count expect_same_functions(const std::vector<std::string>& sources) {
    const std::vector<std::string> peer = test::ask_peer("php/functions_peer.php", sources);
    EXPECT_EQ(peer.size(), sources.size());
    Count count;
    int shown = 0;
    for (std::size_t i = 0; i < std::min(peer.size(), sources.size()); ++i) {
        if (peer[i] == "refused\n") {
            ++count.refused;
            continue;
        }
        ++count.compared;
        const std::string ours = our_report(sources[i], count.functions);
        if (ours == peer[i]) continue;
        ADD_FAILURE() << "source " << i << "\nPHP:\n"
                      << peer[i] << "ours:\n"
                      << ours << sources[i].substr(0, 3000);
        if (++shown == 3) break;
    }
    std::cout << count.compared << " sources compared, " << count.refused << " refused by PHP, "
              << count.functions << " functions\n";
    return count;
}

TEST(FunctionsVersusPhp, EveryFileOfARealCoreDeclaresTheSameFunctions) {
    BDUPDATE_SKIP_WITHOUT_PHP();
    const std::vector<test::CoreFile> files = test::real_core_files();
    if (files.empty()) GTEST_SKIP() << "BDUPDATE_REAL_CORE is not set to the core directory of a Backdrop";
    std::vector<std::string> sources;
    for (const test::CoreFile& file : files) sources.push_back(file.source);
    const Count count = expect_same_functions(sources);
    EXPECT_GT(count.compared, files.size() * 9 / 10);
    EXPECT_GT(count.functions, 3000U);
}

TEST(FunctionsVersusPhp, NastyFilesDeclareTheSameFunctions) {
    BDUPDATE_SKIP_WITHOUT_PHP();
    test::NastyFile generator(3);
    std::vector<std::string> sources;
    for (int i = 0; i < 5000; ++i) sources.push_back(generator.make());
    const Count count = expect_same_functions(sources);
    EXPECT_GE(count.compared, 3000U);
    EXPECT_GT(count.functions, 5000U);
}

}  // namespace
}  // namespace bdupdate
