#include "support/golden.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bdupdate/base/file.h"

namespace bdupdate::test {

void expect_golden(const std::string& name, const std::string& text) {
    const std::filesystem::path file =
        std::filesystem::path(BDUPDATE_SOURCE_DIR) / "tests/cli/golden" / (name + ".txt");
    if (std::getenv("BDUPDATE_WRITE_GOLDEN") != nullptr) std::ofstream(file) << text;
    EXPECT_EQ(text, read_file(file).value_or("(no " + file.string() + ")"));
}

}  // namespace bdupdate::test
