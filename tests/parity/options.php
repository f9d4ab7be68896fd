<?php

/**
 * What the harness is asked to do.
 */
final class ParityOptions
{
    public const USAGE = <<<'TEXT'
usage: php tests/parity/parity.php --from TREE --to TREE [options]

  --from TREE       Backdrop, or Drupal 7, as it was        BDUPDATE_PARITY_FROM
  --to TREE         the newer Backdrop                      BDUPDATE_PARITY_TO
                    composer:VERSION lets Composer fetch backdrop/backdrop of that version
  --db URL          mysql://user:password@host:port         BDUPDATE_PARITY_DB
                    (or ...@localhost?socket=/path); default: a MariaDB server of its own
  --prefix PREFIX   of the tables                           BDUPDATE_PARITY_PREFIX
  --modules A,B     of Drupal 7, enabled before             BDUPDATE_PARITY_MODULES
  --bdupdate FILE   the program; default: bdupdate          BDUPDATE_PARITY_PROGRAM
  --work DIR        where copies are made; default: a temporary one
  --keep            leave copies and databases there

Without --from or --to: skipped (77). Otherwise 0: equal, 1: different, 2: usage, 3: could not be tried.

TEXT;

    public string $from;
    public string $to;
    public string $db;
    public string $prefix;
    public string $bdupdate;
    public string $work;
    public bool $keep = false;

    /** @var list<string> */
    public array $modules;

    /** @param list<string> $arguments */
    public function __construct(array $arguments)
    {
        $given = [];
        while ($arguments) {
            $name = (string) array_shift($arguments);
            if ($name === '--keep') {
                $this->keep = true;
                continue;
            }
            if (!in_array($name, ['--from', '--to', '--db', '--prefix', '--modules', '--bdupdate', '--work'], true) || !$arguments) {
                fwrite(STDERR, self::USAGE);
                exit(2);
            }
            $given[substr($name, 2)] = (string) array_shift($arguments);
        }
        $value = function (string $name, string $variable, string $default = '') use ($given): string {
            return $given[$name] ?? (getenv("BDUPDATE_PARITY_$variable") ?: $default);
        };
        $this->from = rtrim($value('from', 'FROM'), '/');
        $this->to = rtrim($value('to', 'TO'), '/');
        $this->db = $value('db', 'DB');
        $this->prefix = $value('prefix', 'PREFIX');
        $this->modules = array_values(array_filter(explode(',', $value('modules', 'MODULES'))));
        $this->bdupdate = $value('bdupdate', 'PROGRAM', 'bdupdate');
        $this->work = $value('work', 'WORK');
        if (!preg_match('/^\w*$/', $this->prefix)) {
            fwrite(STDERR, "a prefix has letters, digits and _ only\n");
            exit(2);
        }
    }
}

/** The tree that an option names, fetched by Composer where it says so. */
function parity_tree(string $option, string $work): string
{
    if (strpos($option, 'composer:') === 0) {
        $version = substr($option, strlen('composer:'));
        $tree = "$work/backdrop-$version";
        if (!is_dir("$tree/core")) {
            parity_must_run('composer', ['composer', 'create-project', '--no-interaction', '--no-install', '--quiet', 'backdrop/backdrop', $tree, $version]);
        }
        $option = $tree;
    }
    $tree = realpath($option);
    if ($tree === false || !(is_file("$tree/core/includes/bootstrap.inc") || is_file("$tree/includes/bootstrap.inc"))) {
        throw new ParityTrouble("neither Backdrop nor Drupal 7: $option");
    }
    return $tree;
}

/** "Backdrop 1.34.3", for the report. */
function parity_name_of(string $tree): string
{
    foreach (['Backdrop' => 'core/includes/bootstrap.inc', 'Drupal' => 'includes/bootstrap.inc'] as $what => $file) {
        $source = is_file("$tree/$file") ? (string) file_get_contents("$tree/$file") : '';
        if (preg_match('/^define\(\'(?:BACKDROP_)?VERSION\', \'([^\']+)\'\);/m', $source, $found)) {
            return "$what $found[1]";
        }
    }
    return $tree;
}
