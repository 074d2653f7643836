// One Leaflet path that draws all cells (or all streets): one projection, one pass per colour, smooth with 60,000.
"use strict";

/** Web-Mercator coordinates in 0..1 of whole micro-degrees from the map's corner. */
function mercator(x, y) {
  const lat = ((GEO.lat0 + y / 1e6) * Math.PI) / 180;
  return [(GEO.lon0 + x / 1e6) / 360 + 0.5, 0.5 - Math.log(Math.tan(Math.PI / 4 + lat / 2)) / (2 * Math.PI)];
}
const latLng = (x, y) => L.latLng(GEO.lat0 + y / 1e6, GEO.lon0 + x / 1e6);

/** Turns flat lists of steps into one array of mercator points with the start of each ring. */
function unpack(shapes, unit) {
  const xy = [], ringStart = [], shapeStart = [];
  for (const rings of shapes) {
    shapeStart.push(ringStart.length);
    for (const steps of rings) {
      ringStart.push(xy.length / 2);
      let x = 0, y = 0;
      for (let k = 0; k < steps.length; k += 2) {
        x += steps[k]; y += steps[k + 1];
        const [mx, my] = mercator(x * unit, y * unit);
        xy.push(mx, my);
      }
    }
  }
  shapeStart.push(ringStart.length);
  ringStart.push(xy.length / 2);
  return { xy: Float64Array.from(xy), ringStart: Int32Array.from(ringStart), shapeStart: Int32Array.from(shapeStart) };
}

/** Cells that share one outline become explicit rings too: drawing then knows one way only. */
function cellShapes(cells) {
  if (cells.rings) return unpack(cells.rings, 1);
  const shapes = [];
  for (let k = 0; k < cells.xy.length; k += 2) {
    const steps = [];
    let x = 0, y = 0;
    for (let c = 0; c < cells.shape.length; c += 2) {
      const nx = cells.xy[k] + cells.shape[c], ny = cells.xy[k + 1] + cells.shape[c + 1];
      steps.push(nx - x, ny - y);
      x = nx; y = ny;
    }
    shapes.push([steps]);
  }
  return unpack(shapes, 1);
}

const ManyShapes = L.Path.extend({
  options: { interactive: true, closed: true, weight: 0, colour: "#fff" },
  initialize(shapes, options) {
    L.setOptions(this, options);
    this._shapes = shapes;
    this._groups = [];
    const n = shapes.shapeStart.length - 1;
    this._box = new Float64Array(4 * n);
    for (let s = 0; s < n; s++) {
      let x0 = Infinity, y0 = Infinity, x1 = -Infinity, y1 = -Infinity;
      for (let k = shapes.ringStart[shapes.shapeStart[s]]; k < shapes.ringStart[shapes.shapeStart[s + 1]]; k++) {
        const x = shapes.xy[2 * k], y = shapes.xy[2 * k + 1];
        if (x < x0) x0 = x; if (x > x1) x1 = x; if (y < y0) y0 = y; if (y > y1) y1 = y;
      }
      this._box.set([x0, y0, x1, y1], 4 * s);
    }
    const widths = Array.from({ length: n }, (_, s) => this._box[4 * s + 2] - this._box[4 * s]).sort((a, b) => a - b);
    this._typical = widths[n >> 1] || 0;
  },
  /** Colour of every shape; null leaves it out. */
  paint(colourOf) {
    const groups = new Map();
    for (let s = 0; s < this._shapes.shapeStart.length - 1; s++) {
      const colour = colourOf(s);
      if (colour === null) continue;
      if (!groups.has(colour)) groups.set(colour, []);
      groups.get(colour).push(s);
    }
    this._groups = [...groups];
    if (this._map) this.redraw();
    return this;
  },
  _project() {
    const scale = 256 * Math.pow(2, this._map.getZoom());
    const origin = this._map.getPixelOrigin();
    this._scale = scale; this._dx = origin.x; this._dy = origin.y;
    this._parted = this._typical * scale > 9;
    // Always "in view": which shapes are is decided while drawing.
    this._pxBounds = new L.Bounds([-1e9, -1e9], [1e9, 1e9]);
  },
  _update() { if (this._map) this._updatePath(); },
  _updatePath() {
    const renderer = this._renderer;
    if (!renderer._drawing) return;
    const ctx = renderer._ctx, view = renderer._bounds, { _scale: scale, _dx: dx, _dy: dy, _box: box } = this;
    const west = (view.min.x + dx) / scale, east = (view.max.x + dx) / scale;
    const north = (view.min.y + dy) / scale, south = (view.max.y + dy) / scale;
    ctx.save();
    ctx.globalAlpha = this.options.opacity ?? 1;
    ctx.lineJoin = "round";
    for (const [colour, members] of this._groups) {
      let inPath = 0;
      ctx.beginPath();
      for (const s of members) {
        const b = 4 * s;
        if (box[b] > east || box[b + 2] < west || box[b + 1] > south || box[b + 3] < north) continue;
        this._trace(ctx, s);
        // One path for all would be slow to fill, one for each slow to set up.
        if (++inPath === 400) { this._finish(ctx, colour); ctx.beginPath(); inPath = 0; }
      }
      if (inPath) this._finish(ctx, colour);
    }
    ctx.restore();
  },
  _finish(ctx, colour) {
    ctx.strokeStyle = colour;
    ctx.lineWidth = this.options.weight;
    if (this.options.closed) {
      ctx.fillStyle = colour;
      ctx.fill();
      // Far out, a hairline of the same colour closes the seams; near, a pale one parts neighbour from neighbour.
      if (this._parted) ctx.strokeStyle = "rgba(255,255,255,.7)";
      ctx.lineWidth = this._parted ? 0.8 : 0.4;
    }
    ctx.stroke();
  },
  _trace(ctx, s) {
    const { xy, ringStart, shapeStart } = this._shapes;
    const { _scale: scale, _dx: dx, _dy: dy } = this;
    for (let r = shapeStart[s]; r < shapeStart[s + 1]; r++) {
      for (let k = ringStart[r]; k < ringStart[r + 1]; k++) {
        const x = xy[2 * k] * scale - dx, y = xy[2 * k + 1] * scale - dy;
        if (k === ringStart[r]) ctx.moveTo(x, y); else ctx.lineTo(x, y);
      }
      if (this.options.closed) ctx.closePath();
    }
  },
  _containsPoint(p) { return this.shapeAt(p) >= 0; },
  /** The drawn shape under a layer point, -1 none. */
  shapeAt(p) {
    const x = (p.x + this._dx) / this._scale, y = (p.y + this._dy) / this._scale;
    const { xy, ringStart, shapeStart } = this._shapes, box = this._box;
    for (let s = 0; s < shapeStart.length - 1; s++) {
      const b = 4 * s;
      if (x < box[b] || x > box[b + 2] || y < box[b + 1] || y > box[b + 3]) continue;
      let inside = false;
      for (let r = shapeStart[s]; r < shapeStart[s + 1]; r++)
        for (let k = ringStart[r], last = ringStart[r + 1] - 1; k < ringStart[r + 1]; last = k++) {
          const yk = xy[2 * k + 1], yl = xy[2 * last + 1];
          if (yk > y !== yl > y && x < ((xy[2 * last] - xy[2 * k]) * (y - yk)) / (yl - yk) + xy[2 * k]) inside = !inside;
        }
      if (inside) return s;
    }
    return -1;
  },
});

/** A small symbol of an outlet type on the canvas. */
const ShapeMarker = L.CircleMarker.extend({
  _updatePath() {
    const renderer = this._renderer;
    if (!renderer._drawing || this._empty()) return;
    const ctx = renderer._ctx, p = this._point, r = this._radius, points = shapePoints(this.options.shape);
    ctx.beginPath();
    if (points.length) points.forEach(([x, y], k) => (k ? ctx.lineTo(p.x + x * r, p.y + y * r) : ctx.moveTo(p.x + x * r, p.y + y * r)));
    else ctx.arc(p.x, p.y, r, 0, 2 * Math.PI);
    ctx.closePath();
    renderer._fillStroke(ctx, this);
  },
});
