/** A CSV for whoever has none at hand: some 3 MB, so that there is progress to see. */

const ROWS = 60_000;
const PLACES = ['Bergen', 'Cusco', 'Dakar', 'Hobart', 'Kyoto', 'Nuuk'];

export function sampleCsv(): File {
  const lines = ['station,place,date,temperature,rain,note'];
  for (let row = 0; row < ROWS; row++) {
    const place = row % PLACES.length;
    const day = new Date(Date.UTC(2020, 0, 1 + Math.floor(row / 40))).toISOString().slice(0, 10);
    const temperature = 12 + 3 * place + 10 * Math.sin(row / 700) + 2 * Math.sin(row * row);
    const rain = Math.max(0, 8 * Math.sin(row * 1.7));
    const note = row % 11 === 0 ? '"wind, strong"' : '';
    lines.push(`${row % 97},${PLACES[place]},${day},${temperature.toFixed(1)},${rain.toFixed(2)},${note}`);
  }
  return new File([lines.join('\n')], 'weather.csv', { type: 'text/csv' });
}
