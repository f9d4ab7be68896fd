<?php

/**
 * Finds the code of modules. As in Backdrop, a file NAME.module with NAME.info beside it is a module, later directories win over
 * earlier ones, and a file wins over copies below its own directory.
 */
class BdupdateBareModules
{
    /** @var string */
    private $root;

    /** @var array<int, string> relative to the docroot */
    private $places;

    /** @var array<string, string>|null name => directory, relative to the docroot */
    private $found;

    /** @var array<int, string> directories that hold no modules */
    const SKIP = array('assets', 'css', 'scss', 'less', 'js', 'images', 'templates', 'node_modules', 'bower_components');

    /**
     * @param string $root
     * @param string $conf_path
     * @param string $profile
     */
    public function __construct($root, $conf_path, $profile)
    {
        $this->root = $root;
        $this->places = array("profiles/$profile/modules", 'modules');
        if ($conf_path !== '.' && $conf_path !== '') {
            $this->places[] = "$conf_path/modules";
        }
    }

    /** @return string|null relative to the docroot */
    public function directory($module)
    {
        if ($this->found === null) {
            $this->found = array();
            foreach ($this->places as $place) {
                $this->found = $this->scan($place) + $this->found;
            }
        }
        return isset($this->found[$module]) ? $this->found[$module] : null;
    }

    /**
     * @return string
     *   'present', 'not_found', 'wrong_core' or 'php_too_old'.
     */
    public function state($module)
    {
        $directory = $this->directory($module);
        if ($directory === null) {
            return 'not_found';
        }
        $info = self::info("$this->root/$directory/$module.info");
        if (!isset($info['backdrop']) || $info['backdrop'] !== '1.x') {
            return 'wrong_core';
        }
        $too_old = isset($info['php']) && is_string($info['php']) && version_compare(PHP_VERSION, $info['php'], '<');
        return $too_old ? 'php_too_old' : 'present';
    }

    /** @return array<string, mixed> what the .info file says, for {system}.info */
    public function described($module)
    {
        $directory = $this->directory($module);
        return $directory === null ? array() : self::info("$this->root/$directory/$module.info");
    }

    /**
     * @param string $place
     *
     * @return array<string, string>
     */
    private function scan($place)
    {
        $entries = is_dir("$this->root/$place") ? scandir("$this->root/$place") : false;
        if ($entries === false) {
            return array();
        }
        $here = array();
        $below = array();
        foreach ($entries as $entry) {
            $path = "$this->root/$place/$entry";
            if ($entry[0] !== '.' && !in_array($entry, self::SKIP, true) && is_dir($path)) {
                $below += $this->scan("$place/$entry");
            } elseif (preg_match('/^([a-zA-Z_\x7f-\xff][a-zA-Z0-9_\x7f-\xff]*)\.module$/', $entry, $matches)) {
                if (is_file("$this->root/$place/$matches[1].info")) {
                    $here[$matches[1]] = $place;
                }
            }
        }
        return $here + $below;
    }

    /**
     * @param string $file
     *
     * @return array<string, mixed>
     */
    private static function info($file)
    {
        $info = array();
        $pattern = '/^\s*([^;\[\]=\s][^\[\]=]*?)((?:\[[^\[\]]*\])*)\s*=\s*(?:"([^"]*)"|\'([^\']*)\'|(.*?))\s*$/m';
        preg_match_all($pattern, (string) file_get_contents($file), $matches, PREG_SET_ORDER);
        foreach ($matches as $match) {
            $value = $match[3] . (isset($match[4]) ? $match[4] : '') . (isset($match[5]) ? $match[5] : '');
            $place = &$info[trim($match[1])];
            preg_match_all('/\[([^\[\]]*)\]/', $match[2], $keys);
            foreach ($keys[1] as $key) {
                $place = is_array($place) ? $place : array();
                $key = $key === '' ? (string) count($place) : $key;
                $place = &$place[$key];
            }
            $place = preg_match('/^\w+$/', $value) && defined($value) ? constant($value) : $value;
            unset($place);
        }
        return $info;
    }
}
