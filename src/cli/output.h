#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bdupdate/base/error.h"
#include "bdupdate/report/style.h"
#include "options.h"

namespace bdupdate::cli {

/// Where words go: stdout is the answer, stderr is talk, and the log file gets both.
class Output {
  public:
    explicit Output(const GlobalOptions& options);
    Output(const Output&) = delete;
    Output& operator=(const Output&) = delete;
    ~Output();

    /// Opens the log file, once it is known what must not hold it. Error (Preflight): it lies inside the
    /// docroot, or cannot be written. Lines said before go into it too.
    Result<void> open_log(const std::filesystem::path& docroot);

    /// One site of several is meant: whatever is said from now on names it in commands that it tells to type.
    void name_site(const std::string& conf_path);

    /// The answer. With -q it is kept back and comes only when the exit code is not 0.
    void answer(const std::string& text);
    /// A line of talk.
    void talk(std::string_view line);
    /// Lines of talk that begin with such a word.
    void note(std::string_view text);
    void warning(std::string_view text);
    void hint(std::string_view text);
    /// What a question is about: on the terminal, where the question stands, also with -q.
    void present(const std::string& text);
    /// Only with -v.
    void detail(std::string_view line);
    /// A line on the terminal, cut to its width, that the next one replaces; nothing without a terminal.
    void live(std::string_view line);
    [[nodiscard]] bool has_live() const { return live_possible_; }
    /// Not where the same was presented with a question just before.
    void error(const Error& error);
    [[nodiscard]] std::string error_text(const Error& error) const;
    /// Ends the output: what -q kept back is shown where `code` is not 0.
    int finish(ExitCode code);

    /// A question on the terminal, and the line that was typed; nothing at the end of input or when a signal
    /// comes.
    std::optional<std::string> ask(const std::string& question);
    /// Usage, unless --yes or a terminal can answer for the user of a command that changes something.
    [[nodiscard]] Result<void> require_consent(bool yes) const;
    /// A yes-or-no question on the terminal; default no. Error: Usage, which error() tells as what it is, a
    /// wish.
    [[nodiscard]] Result<void> confirm(const std::string& question);
    [[nodiscard]] bool interactive() const { return interactive_; }
    /// Whether detail() is shown.
    [[nodiscard]] bool tells_details() const { return verbose_; }
    /// Of answers, and of talk.
    [[nodiscard]] const report::Style& style() const { return style_; }
    [[nodiscard]] const report::Style& talk_style() const { return error_style_; }

  private:
    void clear_live();
    [[nodiscard]] std::string clean(std::string_view text) const;
    void keep_or_print(std::string_view text, bool to_stdout);
    void log(std::string_view text);

    bool quiet_, verbose_, interactive_, live_possible_;
    report::Style style_, error_style_;
    std::string kept_, live_, presented_;
    bool declined_ = false;  ///< a question was answered with no
    std::string site_;       ///< of several, to be named in commands; else empty
    std::optional<std::filesystem::path> log_file_;
    std::string log_name_;                   ///< before each line of it, as a pattern of spdlog
    std::filesystem::path guessed_docroot_;  ///< where none was found
    std::vector<std::string> log_waiting_;   ///< said before the log file was opened
    bool log_open_ = false;
};

}  // namespace bdupdate::cli
