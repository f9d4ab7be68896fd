#include <unistd.h>

#include <CLI/CLI.hpp>
#include <set>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"
#include "parse.h"

namespace bdupdate::cli {

namespace fs = std::filesystem;

namespace {

using Names = std::set<std::string>;

/// What cannot stand in a config file, and what cannot differ from site to site.
const Names of_command_line = {"config", "help", "version"};
const Names of_whole_run = {"all-sites", "sites-from", "jobs", "format", "color", "yes", "quiet", "verbose"};
/// How many sites are told about themselves: by what they are started with, not by these.
const Names of_parent = {"all-sites", "sites-from", "jobs", "config"};

std::string upper(std::string text) {
    for (char& c : text) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}

/// The long name of an option that has a variable, or "".
std::string long_name(const CLI::Option& option) {
    if (option.get_positional() || option.get_lnames().empty()) return {};
    const std::string& name = option.get_lnames().front();
    return name == "help" || name == "version" ? std::string() : name;
}

bool is_flag(const CLI::Option& option) {
    return option.get_items_expected_max() == 0;
}

/// The command that the line names, from the program to its last word.
std::vector<CLI::App*> chain_of(CLI::App& app) {
    std::vector<CLI::App*> chain = {&app};
    while (!chain.back()->get_subcommands().empty()) chain.push_back(chain.back()->get_subcommands().front());
    return chain;
}

/// The command that a section names; null: none of that name.
CLI::App* command_of(CLI::App& app, const std::vector<std::string>& section) {
    CLI::App* command = &app;
    for (const std::string& name : section) {
        const auto all = command->get_subcommands(
            [&name](const CLI::App* candidate) { return candidate->check_name(name); });
        if (all.empty()) return nullptr;
        command = all.front();
    }
    return command;
}

/// Environment and bare words of a config file: several values stand between commas, or one a line.
std::vector<std::string> values_of(const CLI::Option& option, const std::string& text) {
    if (option.get_items_expected_max() <= 1) return {text};
    std::vector<std::string> values;
    const char separator = text.find('\n') == std::string::npos ? ',' : '\n';
    for (const std::string_view value : split(text, separator)) {
        const std::string trimmed = CLI::detail::trim_copy(std::string(value));
        if (!trimmed.empty()) values.push_back(trimmed);
    }
    return values;
}

std::vector<std::string> values_of(const CLI::Option& option, const ConfigEntry& entry) {
    if (entry.listed || entry.values.size() != 1) return entry.values;
    return values_of(option, entry.values.front());
}

/// Sets an option as if its values had been typed. False: a flag that is said to be off.
Result<bool> set(CLI::Option& option, const std::vector<std::string>& values, const std::string& where) {
    const auto wrong = [&where](const std::string& what) {
        return fail(ExitCode::Usage, where + ": " + what, "bdupdate --help, docs/config-file.md");
    };
    try {
        if (is_flag(option)) {
            if (values.size() != 1 || CLI::detail::to_flag_value(values.front()) < 0) {
                if (values.size() != 1) return wrong("true or false, and no list");
                return false;
            }
            option.add_result("true");
        } else {
            if (values.empty()) return false;
            for (const std::string& value : values) option.add_result(value);
        }
        option.run_callback();
        return true;
    } catch (const std::invalid_argument&) {
        return wrong("'" + values.front() + "' is neither true nor false");
    } catch (const CLI::ParseError& error) {
        return wrong(error.what());
    }
}

/// Takes values from ever weaker sources; what a stronger one decided stays.
class Taker {
  public:
    explicit Taker(std::vector<CLI::App*> chain) : chain_(std::move(chain)) {
        for (CLI::App* command : chain_)
            for (CLI::Option* option : command->get_options())
                if (option->count() > 0) decided_[option] = 0;
    }

    Result<void> take_environment() {
        ++level_;
        for (CLI::App* command : chain_)
            for (CLI::Option* option : command->get_options()) {
                const std::string variable = option->get_envname();
                const char* value = variable.empty() ? nullptr : std::getenv(variable.c_str());
                if (value == nullptr || *value == '\0') continue;
                BDUPDATE_TRY(take(*option, values_of(*option, value), variable));
            }
        return {};
    }

    Result<void> take_section(const ConfigFile& file, const SiteSection& section) {
        const std::size_t before = order_.size();
        BDUPDATE_TRY(take_entries(file, section.entries));
        for (std::size_t i = before; i < order_.size(); ++i) of_section_.push_back(order_[i]->get_envname());
        return {};
    }

    /// With `only`, these keys of the program's own.
    Result<void> take_entries(const ConfigFile& file, const std::vector<ConfigEntry>& entries,
                              const Names& only = {}) {
        ++level_;
        for (const ConfigEntry& entry : entries) {
            CLI::App* command = command_of(*chain_.front(), entry.section);
            if (std::find(chain_.begin(), chain_.end(), command) == chain_.end()) continue;
            if (!only.empty() && (command != chain_.front() || only.count(entry.key) == 0)) continue;
            CLI::Option* option = command->get_option_no_throw("--" + entry.key);
            if (option == nullptr) continue;  // check_config() has told
            BDUPDATE_TRY(take(*option, values_of(*option, entry), file.place(entry) + ": " + entry.key));
        }
        return {};
    }

    void decide(const CLI::Option* option) { decided_[option] = 0; }

    /// Variables of the options that a section of a site sets.
    [[nodiscard]] const std::vector<std::string>& of_section() const { return of_section_; }

    Result<void> check_needs() const {
        for (const auto& [option, level] : decided_)
            for (const CLI::Option* needed : option->get_needs())
                if (level > 0 && option->count() > 0 && needed->count() == 0)
                    return fail(ExitCode::Usage, option->get_name() + " needs " + needed->get_name());
        return {};
    }

  private:
    Result<void> take(CLI::Option& option, const std::vector<std::string>& values, const std::string& where) {
        if (decided_.count(&option) > 0) return {};
        for (const CLI::Option* other : option.get_excludes()) {
            const auto found = decided_.find(other);
            if (found == decided_.end() || other->count() == 0) continue;
            // What was said nearer to the user stands.
            if (found->second < level_) return {};
            return fail(ExitCode::Usage, where + ": " + option.get_name() + " excludes " + other->get_name());
        }
        BDUPDATE_TRY(set(option, values, where));
        decided_[&option] = level_;
        order_.push_back(&option);
        return {};
    }

    std::vector<CLI::App*> chain_;
    std::vector<const CLI::Option*> order_;
    std::vector<std::string> of_section_;
    std::map<const CLI::Option*, int> decided_;
    int level_ = 0;
};

bool same_place(const fs::path& one, const fs::path& other) {
    std::error_code ignored;
    return fs::equivalent(one, other, ignored);
}

/// By its name, as --site gives it: `line` then says where that site is.
const SiteSection* section_by_name(const std::vector<SiteSection>& sections, GlobalOptions& global) {
    for (const SiteSection& section : sections) {
        if (global.site.empty() || section.name != global.site) continue;
        if (!section.root) return &section;
        if (global.root && !same_place(*global.root, *section.root)) continue;
        std::error_code ignored;
        const bool directory = fs::exists(*section.root / "sites" / section.name / "settings.php", ignored);
        global.root = section.root;
        global.site = !section.site.empty() ? section.site : directory ? section.name : "";
        return &section;
    }
    return nullptr;
}

/// By --root, or by the directory that the user stands in; the innermost one.
const SiteSection* section_by_place(const std::vector<SiteSection>& sections, const GlobalOptions& global) {
    const SiteSection* best = nullptr;
    std::error_code ignored;
    const fs::path here = fs::current_path(ignored);
    for (const SiteSection& section : sections) {
        if (!section.root || section.site != global.site) continue;
        if (global.root ? !same_place(*global.root, *section.root) : !is_inside(here, *section.root))
            continue;
        if (best == nullptr || section.root->string().size() > best->root->string().size()) best = &section;
    }
    return best;
}

/// How another bdupdate is told the same.
void describe(const std::vector<CLI::App*>& chain, CommandLine& line) {
    for (const CLI::App* command : chain) {
        if (command != chain.front()) line.words.push_back(command->get_name());
        for (const CLI::Option* option : command->get_options()) {
            if (option->count() == 0) continue;
            const std::string name = long_name(*option);
            if (option->get_positional()) {
                for (const std::string& value : option->results()) line.words.push_back(value);
            } else if (!name.empty() && of_parent.count(name) == 0) {
                const bool list = option->get_items_expected_max() > 1;
                line.settings[option->get_envname()] = join(option->results(), "\n") + (list ? "\n" : "");
            }
        }
    }
    if (line.global.root) line.settings["BDUPDATE_ROOT"] = line.global.root->string();
    if (line.global.site.empty())
        line.settings.erase("BDUPDATE_SITE");
    else
        line.settings["BDUPDATE_SITE"] = line.global.site;
}

Result<void> check_entry(CLI::App& grammar, const ConfigFile& file, const ConfigEntry& entry) {
    std::vector<std::string> section = entry.section;
    const bool of_site = !section.empty() && section.front() == "site";
    if (of_site) section.erase(section.begin(), section.begin() + (section.size() > 1 ? 2 : 1));
    CLI::App* command = command_of(grammar, section);
    if (command == nullptr)
        return fail(ExitCode::Usage, file.place(entry) + ": no command " + join(section, " "),
                    of_site ? "put quotes around a name with dots: [site.\"www.example.com\"]"
                            : "sections are commands, [run] or [backup.prune], and sites, [site.NAME]");
    CLI::Option* option =
        of_command_line.count(entry.key) > 0 ? nullptr : command->get_option_no_throw("--" + entry.key);
    if (option == nullptr || long_name(*option).empty())
        return fail(ExitCode::Usage,
                    file.place(entry) + ": unknown key " + entry.key +
                        (section.empty() ? std::string() : " of " + join(section, " ")),
                    "keys are the options without their dashes: bdupdate " +
                        (section.empty() ? "" : join(section, " ") + " ") + "--help");
    if (of_site && section.empty() && of_whole_run.count(entry.key) > 0)
        return fail(ExitCode::Usage,
                    file.place(entry) + ": " + entry.key + " cannot differ from site to site",
                    "put it above the sections");
    option->clear();
    BDUPDATE_TRY(set(*option, values_of(*option, entry), file.place(entry) + ": " + entry.key));
    return {};
}

void name_variables(CLI::App& app, const std::string& prefix) {
    for (CLI::Option* option : app.get_options())
        if (const std::string name = long_name(*option); !name.empty()) option->envname(prefix + upper(name));
    for (CLI::App* command : app.get_subcommands({}))
        name_variables(*command, prefix + upper(command->get_name()) + "_");
}

}  // namespace

void name_variables(CLI::App& app) {
    name_variables(app, "BDUPDATE_");
}

Result<void> check_config(CLI::App& grammar, const ConfigFile& file) {
    std::map<std::string, int> seen;
    for (const ConfigEntry& entry : file.entries) {
        const auto [first, is_new] = seen.emplace(join(entry.section, "\n") + "\n\n" + entry.key, entry.line);
        if (!is_new)
            return fail(ExitCode::Usage, file.place(entry) + ": " + entry.key + " stands in line " +
                                             std::to_string(first->second) + " already");
        BDUPDATE_TRY(check_entry(grammar, file, entry));
    }
    return {};
}

Result<std::shared_ptr<const ConfigFile>> find_config(const CommandLine& line) {
    std::optional<fs::path> path = line.global.config;
    if (!path)
        if (const char* named = std::getenv("BDUPDATE_CONFIG"); named != nullptr && *named != '\0')
            path = named;
    if (!path) {
        std::map<std::string, std::string> environment;
        for (const char* name : {"XDG_CONFIG_HOME", "HOME"})
            if (const char* value = std::getenv(name)) environment[name] = value;
        path = default_config_file(::geteuid(), environment);
        std::error_code ignored;
        if (!path || !fs::exists(*path, ignored)) return nullptr;
    }
    BDUPDATE_ASSIGN(ConfigFile file, read_config_file(*path));
    return std::make_shared<const ConfigFile>(std::move(file));
}

Result<void> take_settings(CLI::App& app, CommandLine& line, const SiteChoice* choice) {
    const std::vector<CLI::App*> chain = chain_of(app);
    Taker taker(chain);
    const auto place_is_known = [&] {
        for (const char* name : {"--root", "--site"}) taker.decide(app.get_option(name));
    };
    if (choice != nullptr) {
        line.global.root = choice->root;
        line.global.site = choice->site;
        place_is_known();
    }
    BDUPDATE_TRY(taker.take_environment());
    if (choice != nullptr && choice->sites_file != nullptr) {
        BDUPDATE_TRY(taker.take_section(*choice->sites_file, choice->section));
        BDUPDATE_TRY(taker.take_entries(*choice->sites_file, choice->sites_file->entries));
    }
    if (line.config_file) {
        const ConfigFile& file = *line.config_file;
        // Whether many sites are meant decides whether one of them has the word.
        if (choice == nullptr) BDUPDATE_TRY(taker.take_entries(file, file.entries, of_parent));
        if (choice != nullptr || !line.global.many()) {
            BDUPDATE_ASSIGN(const auto sections, site_sections(file));
            const SiteSection* here = section_by_name(sections, line.global);
            if (here != nullptr && here->root) place_is_known();
            if (here == nullptr) here = section_by_place(sections, line.global);
            if (here != nullptr) BDUPDATE_TRY(taker.take_section(file, *here));
        }
        BDUPDATE_TRY(taker.take_entries(file, file.entries));
    }
    BDUPDATE_TRY(taker.check_needs());
    describe(chain, line);
    line.of_section = taker.of_section();
    return {};
}

}  // namespace bdupdate::cli
