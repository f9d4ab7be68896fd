#pragma once

#include <cstdint>
#include <string_view>

namespace bdupdate::plan {

/// The highest number that {system}.schema_version (SMALLINT) can hold.
inline constexpr std::int64_t highest_number = 32767;

/// An update's number as it is written and as PHP compares it: "1005", "01000", and from hooks anything at
/// all.
struct Number {
    std::string_view text;
    std::int64_t value = 0;  ///< of an optional sign and digits; kept within +-9e18
    bool numeric = false;    ///< false: PHP compares the text
};

Number parse_number(std::string_view text);

/// PHP's `<=>` of two such numbers (int or numeric string: by value; otherwise as strings, as PHP 8 does).
int compare_numbers(const Number& left, const Number& right);

/// Whose way it is to compare numbers and to order updates. Drupal 7 takes numbers as they are.
enum class Rules { Backdrop, Drupal7 };

/// Numbers of 7000-8999 are left over from Drupal 7.
[[nodiscard]] constexpr bool is_legacy(std::int64_t number) {
    return number >= 7000 && number < 9000;
}

/// Sorting by this key gives core's order: 7000-8999 first, then all others (backdrop_get_schema_versions()).
[[nodiscard]] constexpr std::int64_t order_key(std::int64_t number, Rules rules = Rules::Backdrop) {
    return rules == Rules::Backdrop && is_legacy(number) ? number - 9000 : number;
}

/// What core compares with the stored number to call an update pending (update_get_update_list()).
[[nodiscard]] constexpr std::int64_t compare_value(std::int64_t number, Rules rules = Rules::Backdrop) {
    return rules == Rules::Backdrop && is_legacy(number) ? number - 7000 : number;
}

/// The stored number as compare_value() meets it: a 6xxx one, left from Drupal 6, counts as 0.
[[nodiscard]] constexpr std::int64_t effective_schema(std::int64_t stored, Rules rules = Rules::Backdrop) {
    if (rules == Rules::Drupal7) return stored;
    if (stored >= 6000 && stored < 7000) return 0;
    return compare_value(stored);
}

/// Whether the updates between the stored number and the code's first one were removed from the code.
[[nodiscard]] constexpr bool blocked_by_last_removed(std::int64_t stored, std::int64_t last_removed,
                                                     Rules rules = Rules::Backdrop) {
    const bool crosses = rules == Rules::Backdrop && is_legacy(last_removed) && stored < 7000;
    return stored + (crosses ? 7000 : 0) < last_removed;
}

}  // namespace bdupdate::plan
