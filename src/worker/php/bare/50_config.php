<?php

/**
 * Where config is kept: one object of an active or staging store.
 */
interface BdupdateBareConfigStore
{
    /** @return array|false */
    public function read($name);

    public function write($name, array $data);

    /** @return bool */
    public function delete($name);

    /** @return array<int, string> sorted names */
    public function listAll($prefix = '');
}

/**
 * One config object, such as system.core: what config() gives.
 *
 * Its methods are Backdrop's, and what save() writes is what Backdrop would write, byte for byte.
 */
class Config
{
    const MAX_NAME_LENGTH = 250;

    /** @var string */
    private $name;

    /** @var BdupdateBareConfigStore */
    private $store;

    /** @var array<string, mixed> of settings.php's $config: dotted key => value */
    private $overrides;

    /** @var array<int|string, mixed>|null NULL: not read yet */
    private $data;

    /** @var bool */
    private $new = true;

    /**
     * @param string $name
     * @param array<string, mixed> $overrides
     */
    public function __construct($name, BdupdateBareConfigStore $store, array $overrides = array())
    {
        $this->name = $name;
        $this->store = $store;
        $this->overrides = $overrides;
    }

    /** @return string */
    public function getName()
    {
        return $this->name;
    }

    /** @return $this */
    public function setName($name)
    {
        $this->name = $name;
        return $this;
    }

    /** @return bool */
    public function isNew()
    {
        $this->need();
        return $this->new;
    }

    /** @return bool */
    public function isStatic()
    {
        return (bool) $this->get('_config_static');
    }

    /** @return bool */
    public function isOverridden($key)
    {
        return $this->getOverride($key) !== null;
    }

    /** @return mixed */
    public function getData()
    {
        return $this->get();
    }

    /**
     * @param string|null $key
     *   Dotted; empty: everything.
     *
     * @return mixed
     */
    public function get($key = '')
    {
        $override = $this->getOverride($key);
        return $override === null ? $this->getOriginal($key) : $override;
    }

    /** @return mixed as stored, whatever settings.php says */
    public function getOriginal($key = '')
    {
        $this->need();
        if (empty($key)) {
            return $this->data;
        }
        return self::dig($this->data, explode('.', $key));
    }

    /** @return mixed what settings.php says, or NULL */
    public function getOverride($key)
    {
        $above = explode('.', (string) $key);
        $below = array();
        while ($above) {
            $name = implode('.', $above);
            if (isset($this->overrides[$name])) {
                return self::dig($this->overrides[$name], $below);
            }
            array_unshift($below, array_pop($above));
        }
        return null;
    }

    /** @return mixed */
    public function getTranslated($key = '', array $args = array(), array $options = array())
    {
        $value = empty($key) ? null : $this->get($key);
        if (!is_string($value)) {
            return null;
        }
        $translatable = $this->get('_config_translatables');
        return is_array($translatable) && in_array($key, $translatable, true) ? t($value, $args) : $value;
    }

    /** @return $this */
    public function setData(array $data)
    {
        $this->data = $data;
        return $this;
    }

    /**
     * @param string $key
     *   Dotted.
     * @param mixed $value
     * @param bool $include_overridden_value
     *   Store a value even if it is the one that settings.php gives anyway.
     *
     * @return $this
     */
    public function set($key, $value, $include_overridden_value = false)
    {
        $override = $this->getOverride($key);
        if ($override !== null && $override === $value && !$include_overridden_value) {
            return $this;
        }
        $this->need();
        $place = &$this->data;
        foreach (explode('.', $key) as $part) {
            $place = &$place[$part];
        }
        $place = $value;
        return $this;
    }

    /** @return $this */
    public function setMultiple(array $options)
    {
        foreach ($options as $key => $value) {
            $this->set((string) $key, $value);
        }
        return $this;
    }

    public function setOverrides(array $overrides)
    {
        $this->overrides = $overrides;
    }

    public function setStatic($value = true)
    {
        if ($value) {
            $this->set('_config_static', true);
        } else {
            $this->clear('_config_static');
        }
    }

    /**
     * As in Backdrop, clearing a.b.c where there is no a leaves {"a": {"b": null}} behind.
     *
     * @return $this
     */
    public function clear($key)
    {
        $this->need();
        $parts = explode('.', $key);
        $last = array_pop($parts);
        $place = &$this->data;
        foreach ($parts as $part) {
            $place = &$place[$part];
        }
        unset($place[$last]);
        return $this;
    }

    /** @return $this */
    public function load()
    {
        $data = $this->store->read($this->name);
        $this->new = $data === false;
        $this->data = $data === false ? array() : $data;
        return $this;
    }

    /** @return $this */
    public function save()
    {
        self::validateName($this->name);
        $this->need();
        $this->data['_config_name'] = $this->name;
        $first = array();
        foreach ($this->data as $key => $value) {
            if (strpos((string) $key, '_config_') === 0) {
                $first[$key] = $value;
            }
        }
        ksort($first, SORT_STRING);
        $this->data = array_merge($first, $this->data);
        $this->store->write($this->name, $this->data);
        $this->new = false;
        return $this;
    }

    /** @return $this */
    public function delete()
    {
        $this->data = array();
        $this->store->delete($this->name);
        $this->new = true;
        return $this;
    }

    /** @return BdupdateBareConfigStore */
    public function getStorage()
    {
        return $this->store;
    }

    public static function validateName($name)
    {
        if (strpos($name, '.') === false) {
            throw new ConfigNameException("config name $name: it must start with its owner and a dot");
        }
        if (strlen($name) > self::MAX_NAME_LENGTH) {
            throw new ConfigNameException("config name $name: longer than " . self::MAX_NAME_LENGTH . ' characters');
        }
        if (strpbrk($name, ':?*<>"\'/\\') !== false) {
            throw new ConfigNameException("config name $name: it holds a character that is not allowed");
        }
    }

    private function need()
    {
        if ($this->data === null) {
            $this->load();
        }
    }

    /**
     * @param mixed $value
     * @param array<int, string> $parts
     *
     * @return mixed
     *   NULL where there is no such key.
     */
    private static function dig($value, array $parts)
    {
        foreach ($parts as $part) {
            if (!is_array($value) || !array_key_exists($part, $value)) {
                return null;
            }
            $value = $value[$part];
        }
        return $value;
    }
}

/**
 * JSON as Backdrop writes it into config files.
 */
class BdupdateBareConfigJson
{
    /** @return string */
    public static function encode(array $data)
    {
        $json = json_encode($data, JSON_PRETTY_PRINT | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
        if ($json === false) {
            throw new ConfigStorageException('the config data cannot be written as JSON: ' . json_last_error_msg());
        }
        return $json;
    }

    /** @return array */
    public static function decode($where, $json)
    {
        $data = json_decode($json, true);
        if (!is_array($data)) {
            throw new ConfigStorageReadException("$where is no valid JSON: " . json_last_error_msg());
        }
        unset($data['_config_name']);
        return $data;
    }
}
