#pragma once

#include <string>

namespace bdupdate::test {

/// Compares with tests/cli/golden/NAME.txt. BDUPDATE_WRITE_GOLDEN=1 writes the file anew first: read the
/// difference before it is committed.
void expect_golden(const std::string& name, const std::string& text);

}  // namespace bdupdate::test
