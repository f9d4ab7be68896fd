#pragma once

#include <fstream>
#include <string>
#include <vector>

#include "bdupdate/scan/inventory.h"
#include "support/temp_directory.h"

namespace bdupdate::test {

/// A site's files in a temporary directory, and the scan of them.
class SiteFolder {
  public:
    SiteFolder() {
        site.docroot = directory_.path();
        site.conf_path = ".";
        site.core_version = "1.34.3";
        options.php_version = "8.2.1";
        write("core/includes/module.inc",
              "<?php\nfunction backdrop_merged_modules() {\n  return array('token', // 1.1\n  );\n}\n");
    }

    void write(const std::string& path, const std::string& content) const {
        const std::filesystem::path file = site.docroot / path;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << content;
    }

    /// A module of `directory` with these contents behind "<?php\n".
    void module(const std::string& directory, const std::string& install = {}, const std::string& code = {},
                const std::string& info = "name = X\nbackdrop = 1.x\n") const {
        const std::string base = directory + '/' + std::filesystem::path(directory).filename().string();
        write(base + ".info", info);
        write(base + ".module", "<?php\n" + code);
        if (!install.empty()) write(base + ".install", "<?php\n" + install);
    }

    Result<scan::Inventory> try_scan(const std::vector<scan::WantedModule>& wanted) const {
        return scan::scan_modules(site, wanted, options);
    }

    /// The scan of enabled modules, which must succeed.
    scan::Inventory scan(const std::vector<std::string>& names) const {
        std::vector<scan::WantedModule> wanted;
        for (const std::string& name : names) wanted.push_back({name, true});
        Result<scan::Inventory> inventory = try_scan(wanted);
        if (inventory) return std::move(*inventory);
        ADD_FAILURE() << inventory.error().message;
        return {};
    }

    site::Site site;
    scan::ScanOptions options;

  private:
    TempDirectory directory_;
};

/// The function names of a module's updates, joined by spaces.
inline std::string functions_of(const scan::Inventory& inventory, const std::string& module) {
    std::string names;
    const auto found = inventory.updates.find(module);
    if (found == inventory.updates.end()) return names;
    for (const scan::UpdateFunction& update : found->second)
        names += (names.empty() ? "" : " ") + update.function;
    return names;
}

}  // namespace bdupdate::test
