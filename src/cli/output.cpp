#include "output.h"

#include <fcntl.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <iostream>

#include "bdupdate/base/file.h"
#include "bdupdate/report/layout.h"

namespace bdupdate::cli {

namespace {

constexpr const char* log_name = "bdupdate";

/// A terminal that understands escape sequences: an editor's, for one, says that it does not.
bool is_capable(int fd) {
    const char* kind = std::getenv("TERM");
    return ::isatty(fd) == 1 && (kind == nullptr || std::string_view(kind) != "dumb");
}

bool wants_color(Color choice, int fd) {
    if (choice != Color::Auto) return choice == Color::Always;
    const char* refused = std::getenv("NO_COLOR");
    return (refused == nullptr || *refused == '\0') && is_capable(fd);
}

/// 0 where `fd` is no terminal. Some have no size (a container's, a serial line): then what the shell says.
std::size_t columns(int fd) {
    constexpr std::size_t usual = 80, least = 20;
    if (::isatty(fd) != 1) return 0;
    winsize size{};
    std::size_t width = ::ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
    const char* told = std::getenv("COLUMNS");
    if (width == 0 && told != nullptr) width = std::strtoul(told, nullptr, 10);
    return width == 0 ? usual : std::max(width, least);
}

/// Bytes at the beginning of `text` that only choose a colour, as our own styles do; else 0.
std::size_t style_sequence(std::string_view text) {
    if (text.substr(0, 2) != "\x1b[") return 0;
    const std::size_t end = text.find_first_not_of("0123456789;", 2);
    return end != std::string_view::npos && text[end] == 'm' ? end + 1 : 0;
}

/// Text of updates may hold anything: control characters would speak to the terminal, those of two bytes
/// (U+0080 to U+009F) too.
std::string printable(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const std::size_t style = byte == 0x1b ? style_sequence(text.substr(i)) : 0;
        const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
        const bool two_bytes = byte == 0xc2 && next >= 0x80 && next < 0xa0;
        if (style > 0) {
            result += text.substr(i, style);
            i += style - 1;
        } else if (two_bytes) {
            result += '?';
            ++i;
        } else {
            const bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f;
            result += control ? '?' : text[i];
        }
    }
    return result;
}

/// `bdupdate run` is `bdupdate --site NAME run` where a docroot has several sites: without it, another site
/// would be meant, or none.
std::string with_site(std::string text, const std::string& site) {
    constexpr std::string_view program = "bdupdate ";
    constexpr std::array<std::string_view, 9> commands = {
        "run", "recover", "status", "plan", "backup", "maintenance", "history", "show", "report"};
    const std::string option = "--site " + site + " ";
    for (std::size_t at = 0; (at = text.find(program, at)) != std::string::npos;) {
        at += program.size();
        const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyz", at);
        const std::string_view word = std::string_view(text).substr(at, end - at);
        if (std::find(commands.begin(), commands.end(), word) != commands.end()) text.insert(at, option);
    }
    return text;
}

}  // namespace

Output::Output(const GlobalOptions& options)
    : quiet_(options.quiet),
      verbose_(options.verbose),
      interactive_(::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1),
      live_possible_(!options.quiet && is_capable(STDERR_FILENO)) {
    style_.color = wants_color(options.color, STDOUT_FILENO);
    style_.width = columns(STDOUT_FILENO);
    error_style_.color = wants_color(options.color, STDERR_FILENO);
    error_style_.width = columns(STDERR_FILENO);
    log_file_ = options.log_file;
    for (const char c : options.log_name) log_name_ += c == '%' ? std::string("%%") : std::string(1, c);
    if (!log_name_.empty()) log_name_ += ": ";
    std::error_code ignored;
    guessed_docroot_ = options.root.value_or(std::filesystem::current_path(ignored));
}

Result<void> Output::open_log(const std::filesystem::path& docroot) {
    if (!log_file_ || log_open_) return {};
    const std::filesystem::path path = *log_file_;
    log_file_.reset();
    if (is_inside(path, docroot))
        return fail(ExitCode::Preflight, "the log file " + path.string() + " lies inside the docroot",
                    "anybody could read it there: name one outside of " + docroot.string());
    // Created by ourselves: private, and never through a link.
    const UniqueFd made(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!made)
        return fail(ExitCode::Preflight,
                    "cannot write the log file " + path.string() + ": " + errno_text(errno),
                    "name another one with --log-file");
    try {
        auto log = spdlog::basic_logger_st(log_name, path.string());
        log->set_pattern("%Y-%m-%dT%H:%M:%S.%e %P " + log_name_ + "%v");
        log->flush_on(spdlog::level::info);
        log_open_ = true;
    } catch (const spdlog::spdlog_ex& problem) {
        warning(std::string("no log is written: ") + problem.what());
    }
    for (const std::string& line : log_waiting_) log(line);
    log_waiting_.clear();
    return {};
}

Output::~Output() {
    clear_live();
    if (log_open_) spdlog::drop(log_name);
}

void Output::log(std::string_view said) {
    std::string text;  // colours are for terminals
    for (std::size_t i = 0; i < said.size(); ++i) {
        const std::size_t style = style_sequence(said.substr(i));
        if (style == 0) text += said[i];
        i += style == 0 ? 0 : style - 1;
    }
    if (const auto open = log_open_ ? spdlog::get(log_name) : nullptr)
        open->info("{}", text);
    else if (log_file_)
        log_waiting_.push_back(std::move(text));
}

void Output::name_site(const std::string& conf_path) {
    constexpr std::string_view sites = "sites/";
    const std::string name = conf_path.rfind(sites, 0) == 0 ? conf_path.substr(sites.size()) : "";
    // Not one that a shell, or JSON, would read otherwise than it stands.
    const bool plain = std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '.' || c == '-' || c == '_';
    });
    site_ = plain ? name : "";
}

std::string Output::clean(std::string_view text) const {
    std::string result = printable(text);
    return site_.empty() ? result : with_site(std::move(result), site_);
}

void Output::clear_live() {
    if (!live_.empty()) std::cerr << "\r\x1b[K" << std::flush;
    live_.clear();
}

void Output::keep_or_print(std::string_view text, bool to_stdout) {
    if (quiet_) {
        kept_ += text;
    } else if (to_stdout) {
        std::cout << text << std::flush;
    } else {
        std::cerr << text << std::flush;
    }
}

void Output::answer(const std::string& text) {
    clear_live();
    const std::string said = clean(text);
    log(said);
    keep_or_print(said, true);
}

void Output::talk(std::string_view line) {
    clear_live();
    const std::string said = clean(line);
    log(said);
    keep_or_print(said + "\n", false);
}

void Output::detail(std::string_view line) {
    if (verbose_)
        talk(line);
    else
        log(clean(line));
}

void Output::note(std::string_view text) {
    talk(error_style_.bold("note:").append(" ").append(text));
}

void Output::warning(std::string_view text) {
    talk(error_style_.caution("warning:").append(" ").append(text));
}

void Output::hint(std::string_view text) {
    talk(error_style_.bold("hint:").append(" ").append(text));
}

void Output::present(const std::string& text) {
    clear_live();
    const std::string said = clean(text);
    log(said);
    std::cerr << said << std::flush;
    presented_ += text;
}

void Output::live(std::string_view line) {
    if (!live_possible_) return;
    // Asked anew each time, for windows change. The last column stays free: some terminals break there.
    std::string said = report::cut(clean(line), columns(STDERR_FILENO) - 1);
    if (said == live_) return;
    // Should terminal and we differ about a letter's width, the line must still not become two.
    std::cerr << "\r\x1b[?7l" + said + "\x1b[K\x1b[?7h" << std::flush;
    live_ = std::move(said);
}

std::string Output::error_text(const Error& error) const {
    std::string text = error_style_.bad("error:") + " " + error.message + "\n";
    for (const std::string& detail : error.details) text += "  " + detail + "\n";
    if (!error.hint.empty()) text += error_style_.bold("hint:") + " " + error.hint + "\n";
    return text;
}

void Output::error(const Error& error) {
    if (declined_) return talk(error.message);
    std::string text = error_text(error);
    if (presented_.find(text) != std::string::npos) return;
    text.pop_back();
    talk(text);
}

int Output::finish(ExitCode code) {
    // No site was found: what was said about that belongs into the log all the same.
    if (log_file_) static_cast<void>(open_log(guessed_docroot_));
    clear_live();
    if (quiet_ && code != ExitCode::Done) std::cerr << kept_ << std::flush;
    kept_.clear();
    return static_cast<int>(code);
}

std::optional<std::string> Output::ask(const std::string& question) {
    clear_live();
    std::cerr << question + " " << std::flush;
    // Not std::getline(), which would wait on when a signal comes.
    std::string line;
    for (;;) {
        char byte = 0;
        const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
        if (count != 1) {
            std::cerr << "\n";  // nobody's Enter has ended the line
            return std::nullopt;
        }
        if (byte == '\n') return line;
        line += byte;
    }
}

Result<void> Output::require_consent(bool yes) const {
    if (yes || interactive_) return {};
    return fail(ExitCode::Usage, "this changes the site, and there is no terminal to ask on", "add --yes");
}

Result<void> Output::confirm(const std::string& question) {
    const std::string reply = ask(question + " [y/N]").value_or("");
    if (reply == "y" || reply == "Y" || reply == "yes") return {};
    declined_ = true;
    return fail(ExitCode::Usage, "not confirmed: nothing was changed");
}

}  // namespace bdupdate::cli
