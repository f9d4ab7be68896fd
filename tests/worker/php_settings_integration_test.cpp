// A php.ini that would hurt an update: the worker overrides what it must and lives with the rest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "bdupdate/base/file.h"
#include "worker/bare_site.h"

namespace bdupdate::worker {
namespace {

using test::BareSite;
using testing::HasSubstr;
using testing::Not;

/// PHP with a php.ini of its own.
Options php_with(const BareSite& site, const std::string& ini) {
    test::detail::write(site.root() / "ini/php.ini", ini);
    Options options;
    options.php = {"php", "-c", (site.root() / "ini").string()};
    return options;
}

std::string update(const std::string& body) {
    return "function probe_update_1001(&$sandbox) { " + body + " }";
}

TEST(PhpIni, ThatWouldCutAnUpdateShortIsOverridden) {
    const BareSite site(
        update("$all = array(); foreach (array('memory_limit', 'max_execution_time', 'opcache.enable_cli', "
               "'output_buffering', "
               "'auto_prepend_file', 'error_reporting', 'zend.assertions', 'html_errors', 'display_errors') "
               "as $name) "
               "{ $all[] = $name . '=' . ini_get($name); } return implode(' ', $all);"));
    Options options = php_with(
        site,
        "memory_limit = 16M\nmax_execution_time = 1\nopcache.enable_cli = 1\noutput_buffering = 4096\n"
        "auto_prepend_file = /nonexistent/file.php\nerror_reporting = 0\nhtml_errors = 1\n"
        "display_errors = 1\nassert.exception = 1\n");
    options.memory_limit = "300M";
    std::unique_ptr<Worker> worker;
    const PassReport report = test::run_update(site, worker, options);
    ASSERT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_THAT(report.result, HasSubstr("memory_limit=300M max_execution_time=0 "));
    EXPECT_THAT(report.result, Not(HasSubstr("opcache.enable_cli=1")));
    EXPECT_THAT(
        report.result,
        HasSubstr(
            "output_buffering=0 auto_prepend_file= error_reporting=32767 zend.assertions=-1 html_errors=0 "
            "display_errors=stderr"));
}

TEST(PhpIni, ThatHidesErrorsHidesNothing) {
    const BareSite site(update("echo $undefined;"));
    std::unique_ptr<Worker> worker;
    const PassReport report = test::run_update(site, worker, php_with(site, "error_reporting = 0\n"));
    ASSERT_EQ(report.failure, Failure::None) << report.error;
    ASSERT_EQ(report.messages.size(), 1U);
    EXPECT_THAT(report.messages.front().text, HasSubstr("ndefined variable"));
}

TEST(PhpIni, WithOldCodeInACacheOfFilesRunsTheNewCode) {
    const BareSite site(update("return 'old';"));
    const auto install = site.root() / "modules/probe/probe.install";
    std::filesystem::create_directories(site.root() / "cache");
    Options options =
        php_with(site, "opcache.enable_cli = 1\nopcache.validate_timestamps = 0\nopcache.file_cache = " +
                           (site.root() / "cache").string() +
                           "\nopcache.file_cache_only = 1\nopcache.file_update_protection = 0\n");
    SpawnOptions warm;
    warm.argv = {"php", "-c", (site.root() / "ini").string(), "-r",
                 "include '" + install.string() +
                     "'; echo function_exists('opcache_is_script_cached_in_file_cache') || "
                     "function_exists('opcache_compile_file') ? 'cached' : 'none', ' '; $s = NULL; echo "
                     "probe_update_1001($s);"};
    const auto first = run_program(warm);
    ASSERT_TRUE(first);
    if (first->out.rfind("cached", 0) != 0) GTEST_SKIP() << "this PHP has no OPcache";
    test::detail::write(install, "<?php\n" + update("return 'new';"));
    // What the cache does to others, so that this test cannot pass for nothing.
    EXPECT_THAT(run_program(warm)->out, HasSubstr("old"));
    std::unique_ptr<Worker> worker;
    const PassReport report = test::run_update(site, worker, options);
    ASSERT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_EQ(report.result, "new");
}

TEST(PhpIni, ThatDisablesFunctionsIsNoObstacle) {
    const BareSite site(update("return function_exists('set_time_limit') ? 'there' : 'disabled';"));
    std::unique_ptr<Worker> worker;
    const Options options = php_with(
        site,
        "disable_functions = "
        "set_time_limit,ini_set,exec,shell_exec,system,passthru,popen,proc_open,posix_kill,putenv\n");
    const PassReport report = test::run_update(site, worker, options);
    ASSERT_EQ(report.failure, Failure::None) << report.error;
    EXPECT_EQ(report.result, "disabled");
    EXPECT_TRUE(worker->commit(BareSite::key(1), test::last_commit()));
    worker->quit();
}

TEST(PhpIni, ThatDisablesFunctionsStillTellsOfAnExit) {
    const BareSite site(update("exit(0);"));
    std::unique_ptr<Worker> worker;
    const PassReport report = test::run_update(
        site, worker, php_with(site, "disable_functions = set_time_limit,ini_set,posix_kill\n"));
    EXPECT_EQ(report.failure, Failure::Exit) << report.error;
    EXPECT_EQ(site.mark(), "0|done");
}

TEST(PhpIni, TimeLimitOfAnUpdateEndsWithItsPass) {
    const BareSite site(
        update("if (!$sandbox) { set_time_limit(1); $sandbox['#finished'] = 0.5; return; } "
               "$sandbox['#finished'] = 1; return ini_get('max_execution_time');"));
    std::unique_ptr<Worker> worker;
    const PassReport first = test::run_update(site, worker, {});
    ASSERT_EQ(first.failure, Failure::None) << first.error;
    Commit between;
    between.sandbox = first.sandbox;
    ASSERT_TRUE(worker->commit(BareSite::key(1), between));
    ASSERT_TRUE(worker->begin(BareSite::key(2)));
    const PassReport second = worker->pass(BareSite::step("1001"), first.sandbox);
    EXPECT_EQ(second.result, "");  // '0' is nothing to show: no limit
    EXPECT_EQ(second.failure, Failure::None);
}

TEST(Environment, OfXdebugDoesNotReachTheWorker) {
    ::setenv("XDEBUG_MODE", "debug", 1);
    ::setenv("XDEBUG_CONFIG", "idekey=x", 1);
    const BareSite site(update("return json_encode(array(getenv('XDEBUG_MODE'), getenv('XDEBUG_CONFIG')));"));
    std::unique_ptr<Worker> worker;
    const PassReport report = test::run_update(site, worker, {});
    ::unsetenv("XDEBUG_MODE");
    ::unsetenv("XDEBUG_CONFIG");
    EXPECT_EQ(report.result, "[false,false]");
}

}  // namespace
}  // namespace bdupdate::worker
