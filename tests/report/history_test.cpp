// What `history`, `show` and `report` say of records.

#include "bdupdate/report/history.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../src/report/html.h"

namespace bdupdate::report {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* nasty = "<script>alert('x')</script> & \"quoted\" \x1b[31m \xff";

run::RunRecord record_of_all() {
    run::RunRecord record;
    record.summary.run.id = "0123456789abcdef0123456789abcdef";
    record.summary.run.outcome = nasty;
    record.summary.run.user = record.summary.run.host = record.summary.run.backup = nasty;
    record.summary.run.started_ms = 1'700'000'000'000;
    record.summary.result = run::RunSummary::Result::Restored;
    record.summary.elapsed_ms = 5000;
    run::UpdateRecord update;
    update.function = update.description = update.result = update.error = nasty;
    update.state = run::UpdateRecord::State::Failed;
    update.started_ms = 1'700'000'001'000;
    update.elapsed_ms = 1500;
    update.messages = {{"php", nasty}, {nasty, nasty}};
    const std::string path = std::string(nasty) + ".json";
    update.config = {
        {1, path, R"({"a": "<b>", "password": "hunter22"})", R"({"a": "<i>", "password": "hunter23"})"}};
    update.schema = {{nasty, "column", nasty, nasty, std::nullopt}, {nasty, "rename", "", nasty, nasty}};
    update.rows = {{nasty, 1, 2, 3}};
    record.updates = {update};
    record.config = update.config;
    record.phases = {{nasty, 1'700'000'000'100, 800}};
    return record;
}

site::Site site_of_all() {
    site::Site site;
    site.docroot = "/srv/<www>";
    site.conf_path = ".";
    return site;
}

TEST(Report, NothingThatAnUpdateSaysIsReadAsMarkup) {
    const std::string html = report_html(record_of_all(), site_of_all());
    EXPECT_THAT(html, Not(HasSubstr("<script")));
    EXPECT_THAT(html, Not(HasSubstr("alert('x')")));
    EXPECT_THAT(html, Not(HasSubstr("\x1b")));
    EXPECT_THAT(html, Not(HasSubstr("\xff")));
    EXPECT_THAT(
        html,
        HasSubstr(
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &quot;quoted&quot; [31m \xEF\xBF\xBD"));
    EXPECT_THAT(html, HasSubstr("/srv/&lt;www&gt;"));
}

TEST(Report, NeedsNothingFromElsewhere) {
    const std::string html = report_html(record_of_all(), site_of_all());
    for (const char* word : {"http://", "https://", "src=", "@import", "url(", "<link", "javascript:"})
        EXPECT_THAT(html, Not(HasSubstr(word)));
}

TEST(Report, HidesPasswordsEverywhere) {
    const run::RunRecord record = record_of_all();
    for (const std::string& text : {report_html(record, site_of_all()), show_text(record, {}),
                                    show_json(record, site_of_all()), config_patch(record).text}) {
        EXPECT_THAT(text, Not(HasSubstr("hunter2")));
    }
    EXPECT_THAT(show_text(record, {}), HasSubstr("password: \"(hidden)\" → \"(hidden)\""));
    ASSERT_EQ(config_patch(record).left_out.size(), 1U);
}

TEST(Report, ALongRunHasAChartThatOneCanLookAt) {
    run::RunRecord record = record_of_all();
    run::UpdateRecord update = record.updates.front();
    record.updates.clear();
    update.state = run::UpdateRecord::State::Done;
    for (int i = 0; i < 2000; ++i) {
        update.function = "a_update_" + std::to_string(1000 + i);
        update.started_ms = 1'700'000'001'000 + i * 10;
        update.elapsed_ms = i % 500 == 499 ? 2000 : 8;
        record.updates.push_back(update);
    }
    record.summary.elapsed_ms = 30'000;
    const std::string svg = timeline_svg(record);
    EXPECT_THAT(svg, HasSubstr("499 short updates"));
    EXPECT_THAT(svg, HasSubstr("a_update_1499"));
    EXPECT_LT(svg.size(), 20'000U);
}

TEST(Escaped, KeepsUtf8AndReplacesWhatIsNone) {
    EXPECT_EQ(escaped("Grüezi 日本 🚣"), "Grüezi 日本 🚣");
    EXPECT_EQ(
        escaped("\xC0\xAF|\xED\xA0\x80|\xF5\x80\x80\x80|\xE2\x82"),
        "\xEF\xBF\xBD\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
        "\xEF\xBF\xBD|\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(History, TellsWhyARunDidNotEndAsWished) {
    const run::RunRecord record = record_of_all();
    EXPECT_THAT(history_text({record.summary}, {}), HasSubstr("restored  0 updates  5.0 s"));
    EXPECT_THAT(history_text({record.summary}, {}), HasSubstr("\n    <script>"));
    EXPECT_EQ(history_text({}, {}), "no runs yet\n");
}

}  // namespace
}  // namespace bdupdate::report
