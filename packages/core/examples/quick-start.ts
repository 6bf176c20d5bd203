import { filterRows, flatMap, mapRows, type Page, pipe, prefetch, toArray } from '@millrace/core'

interface City {
  readonly name: string
  readonly population: number
}

/** Stands for an API: two pages per country, a row each. */
async function* cities(country: string): AsyncGenerator<Page<City>> {
  yield { rows: [{ name: `${country} capital`, population: 900_000 }], position: { page: 1 } }
  yield { rows: [{ name: `${country} village`, population: 900 }], position: { page: 2 } }
}

async function* countries(): AsyncGenerator<string> {
  yield* ['North', 'East', 'South']
}

const pages = await pipe(
  countries(),
  flatMap(cities, { concurrency: 2 }), // two countries at once, in order all the same
  filterRows((city) => city.population > 1_000),
  mapRows((city) => city.name),
  prefetch(1), // the next page is on its way while this one is used
  toArray(),
)
const names = pages.flatMap((page) => page.rows)
console.log(names) // => [ 'North capital', 'East capital', 'South capital' ]
if (names.join() !== 'North capital,East capital,South capital') throw new Error(`got ${names.join()}`)
