// --php with a wrapper that does what a container does: another directory, another environment, a mount
// namespace in which the docroot is elsewhere; and a PHP that outlives it.

#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "fault/faulty_update.h"

namespace bdupdate::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class WrappedPhp : public FaultyUpdate {
  protected:
    void SetUp() override {
        SpawnOptions options;
        options.argv = {"unshare", "-m", "true"};
        const auto done = run_program(options);
        if (!done || !done->status.ok()) GTEST_SKIP() << "this user may not make mount namespaces";
    }

    /// A program beside the site.
    std::string script(const std::string& name, const std::string& text) const {
        const auto file = club->root().parent_path() / name;
        std::ofstream(file) << "#!/bin/sh\n" << text << "\n";
        ::chmod(file.c_str(), 0755);
        return file.string();
    }
    [[nodiscard]] std::string there() const {
        return (club->root().parent_path() / "inside/var/www").string();
    }
    [[nodiscard]] std::string map() const { return club->root().string() + "=" + there(); }
    /// The site is bound to another path, and where it is on this machine there is nothing.
    std::string container() const {
        std::filesystem::create_directories(there());
        return script("container",
                      "exec unshare -m sh -c 'mount --make-rprivate / && mount --bind \"" +
                          club->root().string() + "\" \"" + there() + "\" && mount -t tmpfs none \"" +
                          club->root().string() +
                          "\" && cd /usr && exec env -i PATH=\"$PATH\" HOME=/nonexistent LC_ALL=C php "
                          "\"$@\"' php \"$@\"");
    }
    std::vector<std::string> wrapped(std::vector<std::string> arguments) const {
        arguments.insert(arguments.end(), {"--php", container(), "--path-map", map()});
        return arguments;
    }
};

TEST_F(WrappedPhp, InAContainerDoesWhatPlainPhpDoes) {
    for (const Store store : {Store::Sqlite, Store::MariaDb}) {
        if (store == Store::MariaDb && !MariaDb::available()) continue;
        Club plain(store);
        EXPECT_EQ(plain.run({"run", "--yes"}).status.code, 0);
        club = std::make_unique<Club>(store);
        const Completed done = club->run(wrapped({"run", "--yes"}));
        EXPECT_EQ(done.status.code, 0) << done.err;
        EXPECT_THAT(done.err, Not(HasSubstr("plans otherwise")));
        EXPECT_EQ(first_difference(plain.held(), club->held()), "");
    }
}

TEST_F(WrappedPhp, IsAskedForSettingsThatOnlyPhpCanRead) {
    club = std::make_unique<Club>(Store::Sqlite);
    club->append("settings.php",
                 "\n$settings['computed'] = array_sum(array_map(function ($x) { return $x ** 2; }, range(1, "
                 "3)));\neval('$config_directories[\"active\"] = \"config/active\";');\n");
    const Completed done = club->run(wrapped({"run", "--yes", "-v"}));
    EXPECT_EQ(done.status.code, 0) << done.err;
    EXPECT_THAT(done.err, HasSubstr("PHP"));
}

TEST_F(WrappedPhp, WithoutAPathMapIsToldWhatIsMissing) {
    club = std::make_unique<Club>(Store::Sqlite);
    const std::string before_run = club->held(true);
    const Completed refused = club->run({"run", "--yes", "--php", container()});
    EXPECT_EQ(refused.status.code, 5) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr("does not see the docroot"));
    EXPECT_THAT(refused.err, HasSubstr("--path-map"));
    EXPECT_EQ(first_difference(before_run, club->held(true)), "");
}

TEST_F(WrappedPhp, ThatFailsIsUndoneAndSpeaksOfPathsAsTheyAreHere) {
    club = std::make_unique<Club>(Store::Sqlite);
    club->add_update(
        1007, "config_set('club.settings', 'x', 1); trigger_error('careful'); throw new Exception('no');");
    const std::string before_run = club->held(true);
    const Completed failed = club->run(wrapped({"run", "--yes"}));
    EXPECT_EQ(failed.status.code, 1) << failed.err;
    EXPECT_THAT(failed.err, HasSubstr("notice: careful (modules/dues/dues.install:"));
    EXPECT_THAT(failed.err, Not(HasSubstr("inside/var/www")));
    EXPECT_EQ(first_difference(before_run, club->held(true)), "");
}

/// `docker exec` ends when it is killed, and what it started goes on. What the update writes then must not
/// count.
TEST_F(WrappedPhp, ThatOutlivesItsWrapperIsWaitedFor) {
    const Fault writes_on = {"WritesOn", R"php(
        $end = microtime(TRUE) + 4;
        while (microtime(TRUE) < $end) {
          config_set('club.settings', 'late', microtime(TRUE));
          usleep(20000);
        }
)php"};
    for (const Store store : {Store::Sqlite, Store::MariaDb}) {
        if (store == Store::MariaDb && !MariaDb::available()) continue;
        prepare(store, {writes_on});
        choose(writes_on);
        // Not in our process group, and nobody's child once setsid is gone.
        const std::string wrapper = script("detached", "setsid --fork --wait php \"$@\"");
        const Completed failed = club->run({"run", "--yes", "--php", wrapper, "--pass-timeout", "1"});
        EXPECT_EQ(failed.status.code, 1) << failed.err;
        expect_as_before();
        ::sleep(1);
        expect_as_before();
    }
}

/// The same when bdupdate itself is killed: recover waits, and the pass runs again on what was before it.
TEST_F(WrappedPhp, ThatOutlivesBdupdateIsWaitedForByRecover) {
    const Fault writes_on = {"WritesOn", R"php(
        file_put_contents($flag . '.begun', 'x');
        $end = microtime(TRUE) + 3;
        while (microtime(TRUE) < $end) {
          config_set('club.settings', 'late', microtime(TRUE));
          usleep(20000);
        }
)php"};
    prepare(Store::Sqlite, {writes_on});
    choose(writes_on);
    const std::string wrapper = script("detached", "setsid --fork --wait php \"$@\"");
    Subprocess run = club->start({"run", "--yes", "--php", wrapper});
    const auto begun = broken().string() + ".begun";
    for (int i = 0; i < 500 && !std::filesystem::exists(begun); ++i) ::usleep(20000);
    ASSERT_TRUE(std::filesystem::exists(begun));
    run.kill(SIGKILL);
    run.wait();
    expect_recovery();
    ::sleep(1);
    EXPECT_EQ(first_difference(updated, club->held()), "");
}

}  // namespace
}  // namespace bdupdate::test
