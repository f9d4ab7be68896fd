#include "bdupdate/plan/numbering.h"

#include <algorithm>
#include <limits>

namespace bdupdate::plan {

Number parse_number(std::string_view text) {
    Number number{text, 0, false};
    std::string_view digits = text;
    const bool negative = !digits.empty() && digits.front() == '-';
    if (negative) digits.remove_prefix(1);
    if (digits.empty()) return number;
    constexpr std::int64_t limit = std::numeric_limits<std::int64_t>::max() / 10 - 1;
    for (const char c : digits) {
        if (c < '0' || c > '9') return number;
        // Numbers that large are refused anyway; they only must not wrap around.
        number.value = number.value > limit ? number.value : number.value * 10 + (c - '0');
    }
    if (negative) number.value = -number.value;
    number.numeric = true;
    return number;
}

int compare_numbers(const Number& left, const Number& right) {
    if (left.numeric && right.numeric) {
        return left.value == right.value ? 0 : (left.value < right.value ? -1 : 1);
    }
    const int order = left.text.compare(right.text);
    return order == 0 ? 0 : (order < 0 ? -1 : 1);
}

}  // namespace bdupdate::plan
