/** A CSV as people have them: a number of its own for each row, few towns, days, amounts, and a remark that is often not there. */

const HEADER = 'number,town,day,amount,remark\n';

/** @param bytes about so many */
export function csvRows(bytes: number): Buffer {
  const parts = [HEADER];
  let length = HEADER.length;
  for (let row = 0; length < bytes; row++) {
    const day = `2026-${String((row % 12) + 1).padStart(2, '0')}-${String((row % 28) + 1).padStart(2, '0')}`;
    const remark = row % 3 === 0 ? `"left, at door ${row % 50}"` : '';
    const line = `${row},"Town, ${row % 997}",${day},${((row * 137) % 99_991) / 100},${remark}\n`;
    parts.push(line);
    length += line.length;
  }
  return Buffer.from(parts.join(''));
}
