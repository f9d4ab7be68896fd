#include "support/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <map>
#include <stdexcept>

namespace bdupdate::test {

namespace {

constexpr int silence_ms = 60'000;

std::string style_name(const std::string& code) {
    static const std::map<std::string, std::string> names = {
        {"0", "{/}"}, {"1", "{b}"}, {"2", "{dim}"}, {"31", "{red}"}, {"32", "{green}"}, {"33", "{yellow}"}};
    const auto name = names.find(code);
    if (name == names.end()) throw std::runtime_error("a style that is not ours: " + code);
    return name->second;
}

/// One line of a terminal; a letter of several bytes is one cell, and a style stands before its cell.
struct Line {
    std::vector<std::string> cells, styles;
    std::size_t at = 0;

    void put(const std::string& letter, const std::string& style) {
        if (at == cells.size()) {
            cells.emplace_back();
            styles.emplace_back();
        }
        cells[at] = letter;
        styles[at++] = style;
    }
    void erase_rest() {
        cells.resize(at);
        styles.resize(at);
    }
    [[nodiscard]] std::string text() const {
        std::string result;
        for (const std::string& cell : cells) result += cell;
        return result;
    }
    [[nodiscard]] std::string styled() const {
        std::string result, open;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (styles[i] != open) result += (open.empty() ? "" : "{/}") + styles[i];
            open = styles[i];
            result += cells[i];
        }
        return result + (open.empty() ? "" : "{/}");
    }
};

class Screen {
  public:
    void feed(const std::string& raw) {
        for (std::size_t i = 0; i < raw.size();) i += step(raw, i);
        if (!line_.cells.empty()) end_line();
    }
    TerminalRun run;

  private:
    std::size_t step(const std::string& raw, std::size_t i) {
        const auto byte = static_cast<unsigned char>(raw[i]);
        if (byte == '\x1b') return escape(raw, i);
        if (byte == '\n') {
            end_line();
        } else if (byte == '\r') {
            line_.at = 0;
        } else if (byte < 0x20 && byte != '\t') {
            throw std::runtime_error("a control character: " + std::to_string(byte));
        } else {
            std::size_t bytes = 1;
            while (i + bytes < raw.size() && (static_cast<unsigned char>(raw[i + bytes]) & 0xC0U) == 0x80U)
                ++bytes;
            line_.put(raw.substr(i, bytes), style_);
            return bytes;
        }
        return 1;
    }

    std::size_t escape(const std::string& raw, std::size_t i) {
        const std::size_t end = raw.find_first_of("mKhl", i);
        const std::string sequence = raw.substr(i, end - i + 1);
        if (sequence == "\x1b[K") {
            if (line_.at == 0 && !line_.cells.empty()) run.live.push_back(line_.text());
            line_.erase_rest();
        } else if (sequence == "\x1b[?7l") {
            if (!line_.cells.empty()) run.live.push_back(line_.text());
        } else if (sequence.size() > 2 && sequence.back() == 'm') {
            const std::string name = style_name(sequence.substr(2, sequence.size() - 3));
            style_ = name == "{/}" ? "" : name;
        } else if (sequence != "\x1b[?7h") {
            throw std::runtime_error("an escape sequence that is not known: " + sequence.substr(1));
        }
        return sequence.size();
    }

    void end_line() {
        run.text += line_.text() + "\n";
        run.styled += line_.styled() + "\n";
        line_ = {};
    }

    Line line_;
    std::string style_;
};

/// The child's side: never returns.
[[noreturn]] void become(const SpawnOptions& command, int out) {
    if (out >= 0) ::dup2(out, STDOUT_FILENO);
    for (const char* mine : {"NO_COLOR", "COLUMNS", "LINES"}) ::unsetenv(mine);
    ::setenv("TERM", "xterm-256color", 1);
    for (const auto& [name, value] : command.environment) ::setenv(name.c_str(), value.c_str(), 1);
    if (command.directory && ::chdir(command.directory->c_str()) != 0) ::_exit(126);
    std::vector<char*> argv;
    for (const std::string& argument : command.argv) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
}

class Typist {
  public:
    Typist(int terminal, const std::vector<Typed>& typed) : terminal_(terminal), typed_(typed) {}

    void look_at(const std::string& raw) {
        while (!done()) {
            const Typed& now = typed_[next_];
            const std::size_t found = raw.find(now.when, looked_);
            if (found == std::string::npos) return;
            looked_ = found + now.when.size();
            ++next_;
            if (now.act) now.act();
            if (::write(terminal_, now.keys.data(), now.keys.size()) != static_cast<ssize_t>(now.keys.size()))
                throw std::runtime_error("cannot type");
        }
    }
    [[nodiscard]] bool done() const { return next_ == typed_.size(); }
    [[nodiscard]] std::string waits_for() const { return typed_[next_].when; }

  private:
    int terminal_;
    const std::vector<Typed>& typed_;
    std::size_t next_ = 0, looked_ = 0;
};

/// False at the end.
bool read_more(int fd, std::string& to) {
    std::array<char, 65536> buffer{};
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got > 0) to.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;  // a terminal without its program answers EIO
}

}  // namespace

TerminalOptions columns(int count, std::vector<Typed> typed) {
    TerminalOptions options;
    options.columns = static_cast<unsigned short>(count);
    options.typed = std::move(typed);
    return options;
}

TerminalRun shown(const std::string& raw) {
    Screen screen;
    screen.feed(raw);
    screen.run.raw = raw;
    return std::move(screen.run);
}

TerminalRun run_on_terminal(const SpawnOptions& command, const TerminalOptions& options) {
    std::array<int, 2> pipe{-1, -1};
    if (options.stdout_elsewhere && ::pipe2(pipe.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    winsize size{};
    size.ws_col = options.columns;
    size.ws_row = options.rows;
    int terminal = -1;
    const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
    if (child < 0) throw std::runtime_error("no pseudo terminal");
    if (child == 0) become(command, pipe[1]);
    if (pipe[1] >= 0) ::close(pipe[1]);

    std::string raw, out;
    Typist typist(terminal, options.typed);
    bool talks = true, writes = pipe[0] >= 0, silent = false;
    while ((talks || writes) && !silent) {
        std::array<pollfd, 2> waits = {pollfd{talks ? terminal : -1, POLLIN, 0},
                                       pollfd{writes ? pipe[0] : -1, POLLIN, 0}};
        silent = ::poll(waits.data(), waits.size(), silence_ms) <= 0;
        if (waits[0].revents != 0) talks = read_more(terminal, raw);
        if (waits[1].revents != 0) writes = read_more(pipe[0], out);
        typist.look_at(raw);
    }
    if (silent) ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(terminal);
    if (pipe[0] >= 0) ::close(pipe[0]);
    if (silent) throw std::runtime_error("silence after: " + raw);
    if (!typist.done()) throw std::runtime_error("never wrote '" + typist.waits_for() + "' but: " + raw);
    TerminalRun run = shown(raw);
    run.out = std::move(out);
    run.status = WIFSIGNALED(status) ? ExitStatus{0, WTERMSIG(status)} : ExitStatus{WEXITSTATUS(status), 0};
    return run;
}

}  // namespace bdupdate::test
