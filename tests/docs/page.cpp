#include "docs/page.h"

#include "bdupdate/base/text.h"

namespace bdupdate::docs {

namespace {

constexpr std::string_view comment = "<!-- test:", fence = "```", prompt = "$ ", more = "> ";

bool starts(std::string_view line, std::string_view with) {
    return line.rfind(with, 0) == 0;
}

/// Without the line end at the end.
std::string_view trim_end(std::string_view text) {
    return !text.empty() && text.back() == '\n' ? text.substr(0, text.size() - 1) : text;
}

/// "fresh", "file /srv/club/x", "not run: why" -> verb and argument.
Directive directive_of(std::string_view words, int line) {
    Directive directive;
    directive.line = line;
    const std::string text(trim(words));
    const std::size_t middle = starts(text, "not run") ? 7 : text.find(' ');
    directive.verb = text.substr(0, middle);
    if (middle < text.size()) directive.argument = trim(text.substr(middle + 1));
    return directive;
}

class Reader {
  public:
    explicit Reader(const std::string& text) : lines_(split(trim_end(text), '\n')) {}

    std::vector<Item> read() {
        while (at_ < lines_.size()) {
            if (starts(lines_[at_], comment))
                directive();
            else if (starts(lines_[at_], fence))
                block();
            else
                prose();
        }
        return std::move(items_);
    }

  private:
    void directive() {
        std::string_view words = lines_[at_].substr(comment.size());
        const std::size_t end = words.find("-->");
        Directive directive = directive_of(words.substr(0, end), number());
        for (++at_; end == std::string_view::npos && at_ < lines_.size(); ++at_) {
            if (lines_[at_] == "-->") {
                ++at_;
                break;
            }
            directive.shell.append(lines_[at_]).append("\n");
        }
        items_.emplace_back(std::move(directive));
    }

    void block() {
        Block block{std::string(lines_[at_].substr(fence.size())), "", number()};
        for (++at_; at_ < lines_.size() && lines_[at_] != fence; ++at_)
            block.text.append(lines_[at_]).append("\n");
        ++at_;
        items_.emplace_back(std::move(block));
    }

    void prose() {
        Prose prose{"", number()};
        for (; at_ < lines_.size() && !starts(lines_[at_], comment) && !starts(lines_[at_], fence); ++at_)
            prose.text.append(lines_[at_]).append("\n");
        items_.emplace_back(std::move(prose));
    }

    [[nodiscard]] int number() const { return static_cast<int>(at_) + 1; }

    std::vector<std::string_view> lines_;
    std::size_t at_ = 0;
    std::vector<Item> items_;
};

}  // namespace

std::vector<Item> read_page(const std::string& text) {
    return Reader(text).read();
}

std::vector<Command> commands_of(const Block& block) {
    std::vector<Command> commands;
    bool in_command = false;
    int line = block.line;
    for (const std::string_view text : split(trim_end(block.text), '\n')) {
        ++line;
        if (starts(text, prompt)) {
            commands.push_back({std::string(text.substr(prompt.size())), "", line + 1, 0});
            in_command = true;
        } else if (in_command && starts(text, more)) {
            commands.back().text.append("\n").append(text.substr(more.size()));
            commands.back().first = line + 1;
        } else if (!commands.empty()) {
            in_command = false;
            commands.back().expected.append(text).append("\n");
            ++commands.back().count;
        }
    }
    return commands;
}

}  // namespace bdupdate::docs
