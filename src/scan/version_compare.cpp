#include "version_compare.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

namespace bdupdate::scan {

namespace {

bool digit(char c) {
    return c >= '0' && c <= '9';
}

/// Numbers and words, apart at `.`, `-`, `_`, `+` and between digits and other characters.
std::vector<std::string> parts_of(std::string_view version) {
    std::vector<std::string> parts;
    bool apart = true;
    for (const char c : version) {
        if (c == '.' || c == '-' || c == '_' || c == '+') {
            apart = true;
            continue;
        }
        if (apart || digit(parts.back().back()) != digit(c)) parts.emplace_back();
        parts.back() += c;
        apart = false;
    }
    return parts;
}

/// The order of PHP's special forms: any other word < dev < alpha < beta < RC < number < pl.
int rank_of(const std::string& part) {
    struct Form {
        std::string_view start;
        int rank;
    };
    static constexpr std::array<Form, 8> forms = {Form{"dev", 0},  Form{"alpha", 1}, Form{"a", 1},
                                                  Form{"beta", 2}, Form{"b", 2},     Form{"RC", 3},
                                                  Form{"rc", 3},   Form{"pl", 5}};
    if (digit(part[0])) return 4;
    for (const Form& form : forms) {
        if (part.compare(0, form.start.size(), form.start) == 0) return form.rank;
    }
    return part[0] == 'p' ? 5 : -1;
}

int sign(long difference) {
    return difference < 0 ? -1 : difference > 0 ? 1 : 0;
}

long number_of(const std::string& part) {
    long number = 0;
    for (const char c : part.substr(0, 9)) number = number * 10 + (c - '0');
    return number;
}

int compare_parts(const std::string& left, const std::string& right) {
    if (digit(left[0]) && digit(right[0])) return sign(number_of(left) - number_of(right));
    return sign(rank_of(left) - rank_of(right));
}

}  // namespace

int version_compare(std::string_view left, std::string_view right) {
    const std::vector<std::string> a = parts_of(left);
    const std::vector<std::string> b = parts_of(right);
    for (std::size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        int order = 0;
        if (i >= b.size())
            order = digit(a[i][0]) ? 1 : compare_parts(a[i], "0");
        else if (i >= a.size())
            order = digit(b[i][0]) ? -1 : compare_parts("0", b[i]);
        else
            order = compare_parts(a[i], b[i]);
        if (order != 0) return order;
    }
    return 0;
}

}  // namespace bdupdate::scan
