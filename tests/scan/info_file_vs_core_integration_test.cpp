// Our .info parser against the one of a real core (BDUPDATE_REAL_CORE): over its own .info files and random
// texts.

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <random>

#include "bdupdate/scan/info_file.h"
#include "php/php_peer.h"

namespace bdupdate {
namespace {

std::string hex(const std::string& bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[c & 15];
    }
    return out;
}

std::string random_text(std::mt19937& random) {
    static constexpr std::string_view piece_texts[] = {
        "name",      "a",     "=",          " = ",        "=",        "\n",
        "\n",        "\n",    "\r\n",       "\r",         " ",        "\t",
        ";",         "; c\n", "[",          "]",          "[]",       "[x]",
        "[a][b]",    "[]",    "\"",         "'",          "\\",       "\\\"",
        "\"q\"",     "'q r'", "\"a\\\"b\"", "TRUE",       "null",     "BACKDROP_VERSION",
        "12",        "[3]",   "[=;]",       "name = X\n", "v =\n",    "[s]\n",
        "d[] = e\n", "\n\n",  " = = ",      "\v",         "\"open\n", "'\n'"};
    std::string text;
    for (std::size_t i = random() % 16; i > 0; --i) text += piece_texts[random() % std::size(piece_texts)];
    return text;
}

TEST(InfoFileVersusCore, GivesTheSameArrays) {
    BDUPDATE_SKIP_WITHOUT_PHP();
    const char* core = std::getenv("BDUPDATE_REAL_CORE");
    if (core == nullptr) GTEST_SKIP() << "BDUPDATE_REAL_CORE is not set to the core directory of a Backdrop";
    std::vector<std::string> texts;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(core)) {
        if (entry.path().extension() != ".info") continue;
        std::ifstream in(entry.path(), std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
    }
    const std::size_t real = texts.size();
    std::mt19937 random(11);
    for (int i = 0; i < 20000; ++i) texts.push_back(random_text(random));
    const std::vector<std::string> peer =
        test::ask_peer("scan/info_peer.php", texts, std::string(core) + "/includes/common.inc");
    ASSERT_EQ(peer.size(), texts.size());
    EXPECT_GT(real, 50U);
    for (std::size_t i = 0; i < texts.size(); ++i) {
        const php::Array info = scan::parse_info(texts[i], {{"BACKDROP_VERSION", php::Value("1.2.3")}});
        ASSERT_EQ(hex(php::serialize(php::Value(info))) + '\n', peer[i]) << hex(texts[i]) << '\n' << texts[i];
    }
    std::cout << real << " files and " << texts.size() - real << " random texts\n";
}

}  // namespace
}  // namespace bdupdate
