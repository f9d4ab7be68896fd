<?php

/**
 * Finds the code of modules below the directory modules: each has a file NAME.module, NAME.install or NAME.info. A file wins over
 * copies below its own directory.
 */
class BdupdateBareModules
{
    /** @var string */
    private $root;

    /** @var array<string, string>|null name => directory, relative to the docroot */
    private $found;

    /** @var array<int, string> directories that hold no modules */
    const SKIP = array('assets', 'css', 'scss', 'less', 'js', 'images', 'templates', 'node_modules', 'bower_components');

    /** @param string $root */
    public function __construct($root)
    {
        $this->root = $root;
    }

    /** @return string|null relative to the docroot */
    public function directory($module)
    {
        if ($this->found === null) {
            $this->found = $this->scan('modules');
        }
        return isset($this->found[$module]) ? $this->found[$module] : null;
    }

    /**
     * @return string
     *   'present', 'not_found' or 'php_too_old'.
     */
    public function state($module)
    {
        if ($this->directory($module) === null) {
            return 'not_found';
        }
        $info = $this->described($module);
        $too_old = isset($info['php']) && is_string($info['php']) && version_compare(PHP_VERSION, $info['php'], '<');
        return $too_old ? 'php_too_old' : 'present';
    }

    /** @return array<string, mixed> what the .info file says, for {system}.info */
    public function described($module)
    {
        $file = $this->root . '/' . $this->directory($module) . "/$module.info";
        return is_file($file) ? self::info($file) : array();
    }

    /** A module's file; its name is a PHP name. */
    const FILE = '/^([a-zA-Z_\x7f-\xff][a-zA-Z0-9_\x7f-\xff]*)\.(?:module|install|info)$/';

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
            } elseif (preg_match(self::FILE, $entry, $matches)) {
                $here[$matches[1]] = $place;
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
            $value = implode('', array_slice($match, 3));
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
