#include "config_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

#include "bdupdate/base/file.h"
#include "bdupdate/base/text.h"

namespace bdupdate::cli {

namespace fs = std::filesystem;

namespace {

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

/// One file, from its first character to its last.
class Reader {
  public:
    Reader(const fs::path& path, std::string_view text) : path_(path), text_(text) {}

    Result<ConfigFile> read() {
        ConfigFile file{path_, {}};
        std::vector<std::string> section;
        while (at_ < text_.size()) {
            skip_blanks();
            if (end_of_line()) {
                skip_line();
                continue;
            }
            if (text_[at_] == '[') {
                BDUPDATE_ASSIGN(section, read_section());
            } else {
                BDUPDATE_ASSIGN(ConfigEntry entry, read_entry(section));
                file.entries.push_back(std::move(entry));
            }
            skip_blanks();
            if (!end_of_line()) return wrong("text after the end of the value or section");
            skip_line();
        }
        return file;
    }

  private:
    [[nodiscard]] tl::unexpected<Error> wrong(const std::string& what, const std::string& hint = {}) const {
        return fail(ExitCode::Usage, path_.string() + ":" + std::to_string(line_) + ": " + what, hint);
    }
    [[nodiscard]] bool at(char c) const { return at_ < text_.size() && text_[at_] == c; }
    void skip_blanks() {
        while (at_ < text_.size() && blank(text_[at_])) ++at_;
    }
    /// Nothing more in this line than a comment.
    [[nodiscard]] bool end_of_line() const { return at_ >= text_.size() || at('\n') || at('#') || at(';'); }
    void skip_line() {
        at_ = std::min(text_.find('\n', at_), text_.size());
        if (at('\n')) ++at_, ++line_;
    }

    /// `a.b."c.d"` up to one of `ends`.
    Result<std::vector<std::string>> read_names(char end) {
        std::vector<std::string> names;
        for (;;) {
            skip_blanks();
            std::string name;
            if (at('"') || at('\'')) {
                BDUPDATE_ASSIGN(name, read_quoted());
            } else {
                while (at_ < text_.size() && text_[at_] != '.' && text_[at_] != end && text_[at_] != '\n')
                    name += text_[at_++];
                name = std::string(trim(name));
            }
            if (name.empty()) return wrong("a name is missing");
            names.push_back(std::move(name));
            skip_blanks();
            if (!at('.')) break;
            ++at_;
        }
        if (!at(end)) return wrong(std::string("a ") + end + " is missing after " + join(names, "."));
        ++at_;
        return names;
    }

    Result<std::vector<std::string>> read_section() {
        ++at_;
        return read_names(']');
    }

    Result<ConfigEntry> read_entry(const std::vector<std::string>& section) {
        ConfigEntry entry;
        entry.line = line_;
        BDUPDATE_ASSIGN(std::vector<std::string> names, read_names('='));
        entry.key = std::move(names.back());
        names.pop_back();
        entry.section = section;
        entry.section.insert(entry.section.end(), names.begin(), names.end());
        skip_blanks();
        entry.listed = at('[') || at('"') || at('\'');
        if (at('[')) {
            BDUPDATE_ASSIGN(entry.values, read_list());
        } else {
            BDUPDATE_ASSIGN(std::string value, read_value(false));
            entry.values.push_back(std::move(value));
        }
        return entry;
    }

    Result<std::vector<std::string>> read_list() {
        std::vector<std::string> values;
        ++at_;
        for (;;) {
            skip_blanks();
            if (at_ >= text_.size()) return wrong("a list without its ]");
            if (at(']')) break;
            if (at(',')) {
                ++at_;
            } else if (end_of_line()) {
                skip_line();
            } else {
                BDUPDATE_ASSIGN(std::string value, read_value(true));
                values.push_back(std::move(value));
            }
        }
        ++at_;
        return values;
    }

    Result<std::string> read_value(bool in_list) {
        if (at('"') || at('\'')) return read_quoted();
        std::string value;
        for (; at_ < text_.size() && text_[at_] != '\n'; ++at_) {
            const char c = text_[at_];
            if (in_list && (c == ',' || c == ']')) break;
            // A comment begins at a word: url#part is none.
            if ((c == '#' || c == ';') && (value.empty() || blank(value.back()))) break;
            value += c;
        }
        return std::string(trim(value));
    }

    /// As TOML: escapes in "…", none in '…'.
    Result<std::string> read_quoted() {
        const char quote = text_[at_++];
        std::string value;
        for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
            char c = text_[at_];
            if (c == '\n') return wrong("a quote is not closed");
            if (c == '\\' && quote == '"') {
                const char escaped = ++at_ < text_.size() ? text_[at_] : '\n';
                if (escaped != '"' && escaped != '\\' && escaped != 'n' && escaped != 't')
                    return wrong("a backslash in \"…\" stands before \", \\, n or t only",
                                 "put the value between single quotes");
                c = escaped == 'n' ? '\n' : escaped == 't' ? '\t' : escaped;
            }
            value += c;
        }
        if (at_ >= text_.size()) return wrong("a quote is not closed");
        ++at_;
        return value;
    }

    const fs::path& path_;
    std::string_view text_;
    std::size_t at_ = 0;
    int line_ = 1;
};

Result<void> check_owner(const fs::path& path) {
    if (::geteuid() != 0) return {};
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    const bool others = status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    if (!others) return {};
    return fail(ExitCode::Usage,
                "the config file " + path.string() + " may be written by others, and this is root",
                "it names programs to start: chown root and chmod go-w");
}

/// A section's own key, taken out of its entries.
std::optional<std::string> take(SiteSection& section, const std::string& key) {
    const auto found =
        std::find_if(section.entries.begin(), section.entries.end(),
                     [&key](const ConfigEntry& entry) { return entry.section.empty() && entry.key == key; });
    if (found == section.entries.end() || found->values.size() != 1) return std::nullopt;
    std::string value = found->values.front();
    section.entries.erase(found);
    return value;
}

}  // namespace

std::string ConfigFile::place(const ConfigEntry& entry) const {
    return path.string() + ":" + std::to_string(entry.line);
}

Result<ConfigFile> parse_config(const fs::path& path, std::string_view text) {
    return Reader(path, text).read();
}

Result<ConfigFile> read_config_file(const fs::path& path) {
    BDUPDATE_TRY(check_owner(path));
    const auto text = read_file(path);
    if (!text) return fail(ExitCode::Usage, text.error().message, "--config names a file of options");
    return parse_config(path, *text);
}

std::optional<fs::path> default_config_file(uid_t user,
                                            const std::map<std::string, std::string>& environment) {
    if (user == 0) return "/etc/bdupdate.conf";
    const auto place = [&environment](const char* name) {
        const auto found = environment.find(name);
        return found != environment.end() && found->second.rfind('/', 0) == 0 ? found->second : "";
    };
    if (const std::string xdg = place("XDG_CONFIG_HOME"); !xdg.empty())
        return fs::path(xdg) / "bdupdate/config";
    if (const std::string home = place("HOME"); !home.empty())
        return fs::path(home) / ".config/bdupdate/config";
    return std::nullopt;
}

Result<std::vector<SiteSection>> site_sections(const ConfigFile& file) {
    std::vector<SiteSection> sections;
    for (const ConfigEntry& entry : file.entries) {
        if (entry.section.empty() || entry.section.front() != "site") continue;
        if (entry.section.size() < 2)
            return fail(ExitCode::Usage, file.place(entry) + ": a section [site] without a name",
                        "[site.NAME]");
        const std::string& name = entry.section[1];
        auto section = std::find_if(sections.begin(), sections.end(),
                                    [&name](const SiteSection& candidate) { return candidate.name == name; });
        if (section == sections.end())
            section = sections.insert(sections.end(), {name, {}, {}, {}, entry.line});
        section->entries.push_back(entry);
        auto& inner = section->entries.back().section;
        inner.erase(inner.begin(), inner.begin() + 2);
    }
    for (SiteSection& section : sections) {
        if (const auto root = take(section, "root"))
            section.root = fs::absolute(file.path.parent_path() / *root).lexically_normal();
        if (const auto site = take(section, "site")) section.site = *site;
    }
    return sections;
}

}  // namespace bdupdate::cli
