<?php

/**
 * One copy of the site: a docroot, and a database with a prefix.
 */
final class ParityCopy
{
    public string $docroot;
    public string $database;
    public string $prefix;

    public function __construct(string $docroot, string $database, string $prefix)
    {
        $this->docroot = $docroot;
        $this->database = $database;
        $this->prefix = $prefix;
    }

    public function is_drupal(): bool
    {
        return !is_dir("$this->docroot/core");
    }

    public function settings_file(): string
    {
        return $this->docroot . ($this->is_drupal() ? '/sites/default/settings.php' : '/settings.php');
    }

    /**
     * The same site again, with a docroot and a database of its own, and with the code of a newer Backdrop, as an administrator swaps
     * it: Backdrop's `core`, or all of Drupal 7's code.
     */
    public function with_code_of(string $tree, ParityDatabaseServer $server, string $docroot, string $database): self
    {
        $server->copy($this->database, $database);
        $copy = new self($docroot, $database, $this->prefix);
        if ($this->is_drupal()) {
            parity_must_run('cp', ['cp', '-a', $tree, $docroot]);
            @mkdir("$docroot/sites/default", 0755, true);
            parity_must_run('cp', ['cp', '-a', "$this->docroot/sites/default/files", "$docroot/sites/default/files"]);
            $salt = self::settings_of($this->settings_file())['drupal_hash_salt'] ?? '';
            $copy->fill_settings($server, is_string($salt) ? $salt : '');
            return $copy;
        }
        mkdir($docroot);
        foreach (array_diff((array) scandir($this->docroot), ['.', '..', 'core']) as $name) {
            parity_must_run('cp', ['cp', '-a', "$this->docroot/$name", "$docroot/$name"]);
        }
        parity_must_run('cp', ['cp', '-a', "$tree/core", "$docroot/core"]);
        $settings = (string) file_get_contents($copy->settings_file());
        $changed = str_replace($this->database, $database, $settings, $count);
        if ($count === 0) {
            throw new ParityTrouble('the installed settings.php does not name its database');
        }
        file_put_contents($copy->settings_file(), $changed);
        return $copy;
    }

    /** Fills Backdrop's untouched settings.php, in the form of `$database` that it has. */
    private function fill_settings(ParityDatabaseServer $server, string $salt): void
    {
        $settings = (string) file_get_contents($this->settings_file());
        $array = [
            'database' => $this->database,
            'username' => $server->user,
            'password' => $server->password,
            'host' => $server->host,
            'port' => (string) $server->port,
            'prefix' => $this->prefix,
        ];
        $url = 'mysql://' . urlencode($server->user) . ':' . urlencode($server->password)
            . "@$server->host:$server->port/$this->database";
        $lines = [
            '/^\$database = array\(.*?^\);/ms' => '$database = ' . var_export($array, true) . ';',
            '/^\$database = \'[^\']*\';/m' => '$database = ' . var_export($url, true) . ';',
            '/^\$database_prefix = \'\';/m' => '$database_prefix = ' . var_export($this->prefix, true) . ';',
            '/^\$settings\[\'hash_salt\'\] = \'\';/m' => '$settings[\'hash_salt\'] = ' . var_export($salt, true) . ';',
        ];
        foreach ($lines as $pattern => $line) {
            $settings = (string) preg_replace_callback($pattern, function () use ($line): string {
                return $line;
            }, $settings);
        }
        chmod($this->settings_file(), 0644);
        file_put_contents($this->settings_file(), $settings);
        if ((self::settings_of($this->settings_file())['database'] ?? null) === null
            || strpos($settings, $this->database) === false) {
            throw new ParityTrouble('$database of settings.php could not be filled in');
        }
    }

    /** Whether anybody may open update.php. */
    public function let_everybody_update(bool $yes): void
    {
        $line = '$settings[\'update_free_access\'] = ';
        $settings = (string) file_get_contents($this->settings_file());
        $changed = str_replace($line . ($yes ? 'FALSE;' : 'TRUE;'), $line . ($yes ? 'TRUE;' : 'FALSE;'), $settings, $count);
        if ($count !== 1) {
            throw new ParityTrouble('settings.php has no line for update_free_access');
        }
        chmod($this->settings_file(), 0644);
        file_put_contents($this->settings_file(), $changed);
    }

    /**
     * Where its config is.
     *
     * @return array<string, string> active and staging, absolute
     */
    public function config_directories(): array
    {
        $directories = self::settings_of($this->settings_file())['config_directories'] ?? [];
        foreach ($directories as $name => $directory) {
            $directories[$name] = $directory[0] === '/' ? $directory : "$this->docroot/$directory";
        }
        return $directories;
    }

    /**
     * The variables that a settings file sets.
     *
     * @return array<string, mixed>
     */
    private static function settings_of(string $parity_file): array
    {
        return (static function (string $parity_file): array {
            @include $parity_file;
            return get_defined_vars();
        })($parity_file);
    }
}
