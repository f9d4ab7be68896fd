<?php

/**
 * A config directory with one JSON file an object. Files are replaced by rename, never written in place.
 */
class ConfigFileStorage implements BdupdateBareConfigStore
{
    /** @var string */
    private $directory;

    /** @param string $directory */
    public function __construct($directory)
    {
        $this->directory = rtrim($directory, '/');
    }

    /** @return string */
    public function getFilePath($name)
    {
        return $this->directory . '/' . $name . '.json';
    }

    /** @return bool */
    public function exists($name)
    {
        return file_exists($this->getFilePath($name));
    }

    public function read($name)
    {
        $path = $this->getFilePath($name);
        if (!file_exists($path)) {
            return false;
        }
        $json = file_get_contents($path);
        if ($json === false) {
            throw new ConfigStorageReadException("config file $path: cannot be read");
        }
        return BdupdateBareConfigJson::decode("config file $path", $json);
    }

    /** @return array<string, array> */
    public function readMultiple(array $names)
    {
        $list = array();
        foreach ($names as $name) {
            $data = $this->read($name);
            if ($data) {
                $list[$name] = $data;
            }
        }
        return $list;
    }

    public function write($name, array $data)
    {
        $bytes = BdupdateBareConfigJson::encode(array_merge(array('_config_name' => $name), $data)) . "\n";
        $path = $this->getFilePath($name);
        $scratch = $this->directory . '/.' . $name . '.json.bdupdate';
        $mode = is_file($path) ? fileperms($path) : false;
        $written = @file_put_contents($scratch, $bytes) === strlen($bytes);
        if ($written && $mode !== false) {
            // Where the file is somebody else's, its mode is not ours to set.
            @chmod($scratch, $mode & 07777);
        }
        if (!$written || !@rename($scratch, $path)) {
            @unlink($scratch);
            // A directory that is not ours with a file that is: in place, as Backdrop does.
            if (!is_file($path) || @file_put_contents($path, $bytes) !== strlen($bytes)) {
                throw new ConfigStorageException("config file $path: cannot be written");
            }
        }
        clearstatcache(false, $path);
        return true;
    }

    public function delete($name)
    {
        $path = $this->getFilePath($name);
        if (!file_exists($path)) {
            return false;
        }
        $deleted = unlink($path);
        clearstatcache(false, $path);
        return $deleted;
    }

    public function rename($name, $new_name)
    {
        if (!@rename($this->getFilePath($name), $this->getFilePath($new_name))) {
            throw new ConfigStorageException("config file $name.json: cannot be renamed to $new_name.json");
        }
        return true;
    }

    public function listAll($prefix = '')
    {
        $entries = is_dir($this->directory) ? scandir($this->directory) : false;
        if ($entries === false) {
            throw new ConfigStorageException("config directory $this->directory: cannot be read");
        }
        $names = array();
        foreach ($entries as $entry) {
            if ($entry[0] !== '.' && substr($entry, -5) === '.json' && strpos($entry, $prefix) === 0) {
                $names[] = substr($entry, 0, -5);
            }
        }
        return $names;
    }

    /** @return bool */
    public function deleteAll($prefix = '')
    {
        return !in_array(false, array_map(array($this, 'delete'), $this->listAll($prefix)), true);
    }

    /** @return string */
    public function encode(array $data)
    {
        return BdupdateBareConfigJson::encode($data);
    }

    /** @return array */
    public function decode($raw)
    {
        return BdupdateBareConfigJson::decode('config data', $raw);
    }

    /** @return bool */
    public function isInitialized()
    {
        return is_dir($this->directory);
    }
}

/**
 * Config in the table {config_active} or {config_staging}.
 */
class ConfigDatabaseStorage implements BdupdateBareConfigStore
{
    /** @var string */
    private $table;

    /** @param string $table */
    public function __construct($table)
    {
        $this->table = $table;
    }

    /** @return bool */
    public function exists($name)
    {
        return (bool) $this->row($name);
    }

    /** @return string|false */
    private function row($name)
    {
        $sql = 'SELECT data FROM {' . $this->table . '} WHERE name = :name';
        return Database::getConnection()->query($sql, array(':name' => $name))->fetchField();
    }

    public function read($name)
    {
        $json = $this->row($name);
        return $json === false ? false : BdupdateBareConfigJson::decode("config $name in table $this->table", $json);
    }

    public function write($name, array $data)
    {
        $json = BdupdateBareConfigJson::encode(array_merge(array('_config_name' => $name), $data)) . "\n";
        Database::getConnection()->merge($this->table)
            ->key(array('name' => $name))
            ->fields(array('data' => $json, 'changed' => REQUEST_TIME))
            ->execute();
        return true;
    }

    public function delete($name)
    {
        return Database::getConnection()->delete($this->table)->condition('name', $name)->execute() > 0;
    }

    public function listAll($prefix = '')
    {
        $sql = 'SELECT name FROM {' . $this->table . '} WHERE name LIKE :name ORDER BY name';
        $args = array(':name' => Database::getConnection()->escapeLike($prefix) . '%');
        return Database::getConnection()->query($sql, $args)->fetchCol();
    }
}

/**
 * Gives the config objects and stores of the site.
 */
class BdupdateBareConfigs
{
    /** @var string the active config directory; "" where config is kept in the database */
    private static $active = '';

    /** @var array<string, array<string, Config>> objects that ask to be kept, by type and name */
    private static $kept = array();

    public static function useDirectory($active)
    {
        self::$active = $active;
        self::$kept = array();
    }

    /** @return Config */
    public static function get($name, $type)
    {
        if (isset(self::$kept[$type][$name])) {
            return self::$kept[$type][$name];
        }
        $overrides = isset($GLOBALS['config'][$name]) && is_array($GLOBALS['config'][$name]) ? $GLOBALS['config'][$name] : array();
        $config = new Config($name, self::store($type), $overrides);
        $config->load();
        if ($config->isStatic()) {
            self::$kept[$type][$name] = $config;
        }
        return $config;
    }

    /** @return ConfigFileStorage|ConfigDatabaseStorage */
    public static function store($type)
    {
        $class = settings_get('config_' . $type . '_class', 'ConfigFileStorage');
        if ($class === 'ConfigDatabaseStorage' || ($type === 'active' && self::$active === '')) {
            return new ConfigDatabaseStorage('config_' . $type);
        }
        return new ConfigFileStorage(self::directory($type));
    }

    /** @return string */
    public static function directory($type)
    {
        if ($type === 'active' && self::$active !== '') {
            return self::$active;
        }
        $directories = isset($GLOBALS['config_directories']) ? $GLOBALS['config_directories'] : array();
        if (empty($directories[$type])) {
            throw new ConfigException("settings.php names no config directory of type $type");
        }
        $path = (string) $directories[$type];
        return strpos('./\\', $path[0]) === false ? conf_path() . '/' . $path : $path;
    }
}
