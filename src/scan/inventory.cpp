#include "bdupdate/scan/inventory.h"

#include <algorithm>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "bdupdate/scan/info_file.h"
#include "hooks.h"
#include "loader.h"
#include "read_ahead.h"
#include "version_compare.h"

namespace bdupdate::scan {

namespace {

class Scan {
  public:
    Scan(const site::Site& site, const std::vector<WantedModule>& wanted, const ScanOptions& options)
        : site_(site), wanted_(wanted), options_(options) {}

    Result<Inventory> run(ReadAhead& ahead) {
        BDUPDATE_ASSIGN(Places places, ahead.places(wanted_));
        listing_ = std::move(places.listing);
        merged_ = std::move(places.merged);
        inventory_.warnings = std::move(places.warnings);
        set_constants();
        Loader loader(site_, listing_, wanted_, ahead);
        for (const WantedModule& module : wanted_) BDUPDATE_TRY(find(module.name));
        BDUPDATE_TRY(load(loader));
        return std::move(inventory_);
    }

  private:
    void set_constants() {
        if (!site_.core_version.empty()) constants_["BACKDROP_VERSION"] = site_.core_version;
        // Backdrop's compatibility layer defines VERSION for modules that still think of Drupal.
        constants_["VERSION"] = site_.kind == site::Kind::Drupal7 ? site_.core_version : "7.0-dev";
        constants_["BACKDROP_CORE_COMPATIBILITY"] = "1.x";
        constants_["DRUPAL_CORE_COMPATIBILITY"] = "7.x";
        if (!options_.php_version.empty()) constants_["PHP_VERSION"] = options_.php_version;
    }

    Result<php::Array> info_of(const Place& place, const std::string& name) const {
        const std::filesystem::path file = site_.docroot / place.directory / (name + ".info");
        std::error_code ignored;
        if (!std::filesystem::exists(file, ignored)) return php::Array();
        const Result<std::string> text = read_file(file);
        if (!text) return fail(text.error());
        return parse_info(*text, constants_);
    }

    /// Drupal 7 does not let a copy for another core shadow one that it can use.
    Result<void> prefer_usable(Candidates& candidates, const std::string& name) const {
        if (site_.kind != site::Kind::Drupal7 || candidates.places.size() < 2) return {};
        for (std::size_t i = 0; i < candidates.places.size(); ++i) {
            BDUPDATE_ASSIGN(const php::Array info, info_of(candidates.places[i], name));
            const php::Value* core = info.find(php::Key("core"));
            if (core == nullptr || core->to_string() != "7.x") continue;
            std::rotate(candidates.places.begin(), candidates.places.begin() + static_cast<std::ptrdiff_t>(i),
                        candidates.places.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            break;
        }
        return {};
    }

    Result<void> find(const std::string& name) {
        ModuleCode& code = inventory_.modules[name];
        code.name = name;
        const auto found = listing_.find(name);
        const bool merged = std::find(merged_.begin(), merged_.end(), name) != merged_.end();
        if (merged) code.state = CodeState::Merged;
        if (found == listing_.end()) return {};
        BDUPDATE_TRY(prefer_usable(found->second, name));
        const Place& place = found->second.places.front();
        BDUPDATE_ASSIGN(const php::Array info, info_of(place, name));
        if (info.empty() && site_.kind != site::Kind::Bare) return {};
        code.directory = site_.docroot / place.directory;
        describe(info, code);
        if (!merged) {
            code.state = state_of(info, code);
            mention_copies(name, found->second);
        }
        return {};
    }

    static void describe(const php::Array& info, ModuleCode& code) {
        const auto text = [&info](const char* key) {
            const php::Value* value = info.find(php::Key(key));
            return value == nullptr || value->array() != nullptr ? std::string() : value->to_string();
        };
        code.human_name = text("name");
        code.version = text("version");
        code.core = text("backdrop");
        if (code.core.empty()) code.core = text("core");
        code.php = text("php");
        const php::Value* needed = info.find(php::Key("dependencies"));
        if (needed == nullptr || needed->array() == nullptr) return;
        for (const auto& entry : needed->array()->entries())
            code.requires_modules.push_back(entry.second.to_string());
    }

    /// update_check_incompatibility().
    [[nodiscard]] CodeState state_of(const php::Array& info, const ModuleCode& code) const {
        if (site_.kind != site::Kind::Bare) {
            const bool backdrop = site_.kind == site::Kind::Backdrop;
            const php::Value* core = info.find(php::Key(backdrop ? "backdrop" : "core"));
            const bool fits =
                core != nullptr && core->string() != nullptr && *core->string() == (backdrop ? "1.x" : "7.x");
            if (!fits) return CodeState::WrongCore;
        }
        const bool too_old = !code.php.empty() && !options_.php_version.empty() &&
                             version_compare(options_.php_version, code.php) < 0;
        return too_old ? CodeState::PhpTooOld : CodeState::Present;
    }

    void mention_copies(const std::string& name, const Candidates& candidates) {
        const std::string& used = candidates.places.front().directory;
        if (candidates.ambiguous) {
            std::string others;
            for (std::size_t i = 1; i < candidates.places.size(); ++i)
                others += (i > 1 ? ", " : "") + candidates.places[i].directory;
            inventory_.warnings.push_back("module " + name + " exists more than once: " + used +
                                          " is used, only because the file system lists it first, not " +
                                          others);
        }
        const auto is_core = [](const Place& place) { return place.directory.compare(0, 5, "core/") == 0; };
        if (site_.kind != site::Kind::Backdrop || is_core(candidates.places.front())) return;
        const auto core = std::find_if(candidates.places.begin(), candidates.places.end(), is_core);
        if (core == candidates.places.end()) return;
        inventory_.warnings.push_back("module " + name + ": " + used + " takes the place of core's own " +
                                      core->directory);
    }

    /// In core's order: the .module files of enabled modules first, then each .install
    /// (backdrop_load_updates()).
    Result<void> load(Loader& loader) {
        std::vector<std::pair<std::filesystem::path, ModuleCode*>> files;
        for (const WantedModule& module : wanted_) {
            ModuleCode& code = inventory_.modules[module.name];
            if (!module.enabled || code.state != CodeState::Present) continue;
            const Place& place = listing_.find(module.name)->second.places.front();
            files.emplace_back(module_file(site_, module.name, place), &code);
        }
        for (const WantedModule& module : wanted_) {
            ModuleCode& code = inventory_.modules[module.name];
            if (code.state == CodeState::Merged || code.state == CodeState::NotFound) continue;
            files.emplace_back(code.directory / (module.name + ".install"), &code);
        }
        for (const auto& [file, code] : files) BDUPDATE_TRY(loader.load(file, *code));
        for (const WantedModule& module : wanted_) {
            ModuleCode& code = inventory_.modules[module.name];
            if (code.state != CodeState::Merged) read_hooks(loader, options_, code);
        }
        inventory_.updates = std::move(loader.updates);
        inventory_.warnings.insert(inventory_.warnings.end(), loader.warnings.begin(), loader.warnings.end());
        return {};
    }

    const site::Site& site_;
    const std::vector<WantedModule>& wanted_;
    const ScanOptions& options_;
    std::vector<std::string> merged_;
    Listing listing_;
    std::map<std::string, php::Value> constants_;
    Inventory inventory_;
};

}  // namespace

Result<Inventory> scan_modules(const site::Site& site, const std::vector<WantedModule>& wanted,
                               const ScanOptions& options) {
    const std::shared_ptr<ReadAhead> ahead = reading_for(site, options);
    Result<Inventory> inventory = Scan(site, wanted, options).run(*ahead);
    ahead->end();
    return inventory;
}

}  // namespace bdupdate::scan
