(seed) => Number(seed || 0) + 1
