#include "support/temp_directory.h"

#include <cstdlib>
#include <stdexcept>
#include <string>

namespace bdupdate::test {

TempDirectory::TempDirectory() {
    std::string name = (std::filesystem::temp_directory_path() / "bdupdate-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot create " + name);
    path_ = std::filesystem::canonical(name);
}

TempDirectory::~TempDirectory() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
}

}  // namespace bdupdate::test
