#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bdupdate::report {

/// How text is laid out for its reader.
struct Style {
    bool color = false;
    std::size_t width = 0;  ///< columns of the terminal; 0: there is none, and lines are as long as they are

    [[nodiscard]] std::string bold(std::string_view text) const { return wrap("1", text); }
    [[nodiscard]] std::string faint(std::string_view text) const { return wrap("2", text); }
    [[nodiscard]] std::string good(std::string_view text) const { return wrap("32", text); }
    [[nodiscard]] std::string bad(std::string_view text) const { return wrap("31", text); }
    [[nodiscard]] std::string caution(std::string_view text) const { return wrap("33", text); }

  private:
    [[nodiscard]] std::string wrap(const char* code, std::string_view text) const {
        if (!color) return std::string(text);
        return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
    }
};

}  // namespace bdupdate::report
