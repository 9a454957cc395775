() => { window.ferstudio.changed(); return []; }
