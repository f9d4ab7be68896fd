#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

/// Sorting as PHP 7.2 to 8.x does it (zend_sort), comparison by comparison.
///
/// Any sort gives the same result while the comparison is an order. The one that core's list of updates is
/// sorted by is none (see graph.h), and then the result depends on which pairs are compared, and when. So
/// this is the same sequence of comparisons and moves: `compare(x, y)` is only ever asked whether it is
/// greater than 0.
namespace bdupdate::plan::php {

/// Up to this many elements are sorted by insertion.
inline constexpr std::size_t insertion_limit = 16;

namespace detail {

template <class It, class Compare>
bool greater(It left, It right, Compare& compare) {
    return compare(*left, *right) > 0;
}

/// Sorts three elements that need not be neighbours.
template <class It, class Compare>
void sort_three(It a, It b, It c, Compare& compare) {
    if (greater(a, b, compare)) {
        if (!greater(c, b, compare)) {
            std::iter_swap(a, c);
            return;
        }
        std::iter_swap(a, b);
        if (greater(b, c, compare)) std::iter_swap(b, c);
        return;
    }
    if (!greater(b, c, compare)) return;
    std::iter_swap(b, c);
    if (greater(a, b, compare)) std::iter_swap(a, b);
}

/// Lets the last of `places` sink to its place among the others, which are sorted.
template <class It, std::size_t N, class Compare>
void sink_last(const std::array<It, N>& places, std::size_t last, Compare& compare) {
    for (std::size_t i = last; i > 0 && greater(places[i - 1], places[i], compare); --i) {
        std::iter_swap(places[i - 1], places[i]);
    }
}

/// Sorts 4 or 5 elements: three, then one more and one more.
template <class It, std::size_t N, class Compare>
void sort_places(const std::array<It, N>& places, Compare& compare) {
    static_assert(N == 4 || N == 5);
    sort_three(places[0], places[1], places[2], compare);
    for (std::size_t last = 3; last < N; ++last) sink_last(places, last, compare);
}

/// Where the element at `at` belongs among the first six: one step back at a time.
template <class It, class Compare>
It place_by_steps(It first, It at, Compare& compare) {
    It place = at - 1;
    while (place != first) {
        --place;
        if (!greater(place, at, compare)) return place + 1;
    }
    return place;
}

/// The same for later elements: back in steps of two, then one forward where that was too far.
template <class It, class Compare>
It place_by_double_steps(It first, It at, Compare& compare) {
    It place = at - 1;
    while (true) {
        place -= 2;
        if (!greater(place, at, compare)) {
            ++place;
            return greater(place, at, compare) ? place : place + 1;
        }
        if (place == first) return place;
        if (place == first + 1) return greater(at, first, compare) ? place : first;
    }
}

template <class It, class Compare>
void insertion_sort(It first, It last, Compare& compare) {
    const auto count = static_cast<std::size_t>(last - first);
    if (count < 2) return;
    if (count == 2) {
        if (greater(first, first + 1, compare)) std::iter_swap(first, first + 1);
        return;
    }
    if (count == 3) return sort_three(first, first + 1, first + 2, compare);
    if (count == 4) return sort_places(std::array{first, first + 1, first + 2, first + 3}, compare);
    if (count == 5)
        return sort_places(std::array{first, first + 1, first + 2, first + 3, first + 4}, compare);
    for (It at = first + 1; at != last; ++at) {
        if (!greater(at - 1, at, compare)) continue;
        const It place =
            at - first < 6 ? place_by_steps(first, at, compare) : place_by_double_steps(first, at, compare);
        std::rotate(place, at, at + 1);
    }
}

/// Puts the pivot second, parts the rest around it, and gives the place after the pivot's final one.
template <class It, class Compare>
It part(It first, It last, Compare& compare) {
    const auto count = last - first;
    const It middle = first + count / 2;
    if (count >= 1024) {
        const auto quarter = count / 2 / 2;
        sort_places(std::array{first, first + quarter, middle, middle + quarter, last - 1}, compare);
    } else {
        sort_three(first, middle, last - 1, compare);
    }
    const It pivot = first + 1;
    std::iter_swap(pivot, middle);
    It low = pivot + 1;
    It high = last - 1;
    const auto meet = [&] {
        while (greater(pivot, low, compare)) {
            if (++low == high) return true;
        }
        if (--high == low) return true;
        while (greater(high, pivot, compare)) {
            if (--high == low) return true;
        }
        std::iter_swap(low, high);
        return ++low == high;
    };
    while (!meet()) {
    }
    std::iter_swap(pivot, low - 1);
    return low;
}

template <class It, class Compare>
void hybrid_sort(It first, It last, Compare& compare) {
    while (static_cast<std::size_t>(last - first) > insertion_limit) {
        const It after_pivot = part(first, last, compare);
        // The smaller side is sorted first, so that the depth stays logarithmic.
        if (after_pivot - 1 - first < last - after_pivot) {
            hybrid_sort(first, after_pivot - 1, compare);
            first = after_pivot;
        } else {
            hybrid_sort(after_pivot, last, compare);
            last = after_pivot - 1;
        }
    }
    insertion_sort(first, last, compare);
}

}  // namespace detail

/// Sorts [first, last) in place. `compare(x, y)`: below, equal to or above 0, as PHP's `<=>`.
template <class It, class Compare>
void sort(It first, It last, Compare compare) {
    detail::hybrid_sort(first, last, compare);
}

}  // namespace bdupdate::plan::php
