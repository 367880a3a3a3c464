/** Words that carry little or no meaning, by hand: data of the vector space, so a change makes another space. */

/** English words that only hold a sentence together. Weight 0. */
export const FUNCTION_WORDS = `
a about above after again all also am an and any are as at be been before being below between both but by can could
did do does doing down during each else few for from further had has have having he her here hers him his how i if in
into is it its itself just ll me more most my myself no nor not now of off on once only or other our ours out over own
re s same she should so some such t than that the their theirs them then there these they this those through to too
under until up us ve very was we were what when where which while who whom why will with would you your yours d m don
didn doesn isn wasn let lets
`

/** Words of requests and of interface descriptions that say little about what is wanted. Half their weight. */
export const REQUEST_WORDS = `
please want need needs wants like help hey hi hello thanks thank tell give show know looking interested trying going
got make sure additionally also finally lastly furthermore could kindly using use used uses via based given specified
specific particular certain provided provide provides allow allows allowing enable enables enabling support supports
supporting function functions api apis tool tools endpoint method parameter parameters return returns returned
returning get gets getting retrieve retrieves retrieving retrieved fetch fetches data information info details detail
value values result results request requests user users agent agents assistant server mcp model context protocol
integration various including etc able new one two first second next my
`

/** Function words of German, Spanish, French, Italian, Portuguese and Dutch, in this order, each once. Weight 0.1. */
export const FOREIGN_FUNCTION_WORDS = `
der die das den dem des ein eine einen einem einer eines und oder aber nicht mit von zu zum zur im am auf für aus bei
nach über unter vor ist sind war wird werden wurde hat haben kann können ich du er sie es wir ihr mich mir dich dir
uns euch mein meine dein deine sein seine ihre unser als auch wie wenn weil dass damit durch noch nur schon sehr was
wer wo wann welche welcher dieser diese dieses man sich um so
el la los las un una unos unas y o pero no con de del a al en por para sin sobre entre son era fue ser está están
estar ha han hay yo tú él ella nosotros ellos ellas me te se nos le les lo mi mis tu tus su sus que qué quien cual
como cuando donde más muy también ya este esta estos estas ese esa eso esto
une et ou mais ne pas avec au aux dans pour sans sur sous est sont était être avoir ont je il elle nous vous ils elles
mon ma mes ton ta tes sa ses notre votre leur leurs qui quoi dont où quand comment plus très aussi ce cet cette ces si
gli uno ed non di da della dei delle degli alla ai alle nel nella per tra fra è sono essere hanno io lui lei noi voi
loro ti ci vi mio mia tuo tua suo sua nostro che chi cui come quando dove più molto anche questo questa questi queste
quello
os uma umas e mas não com do dos ao aos na nas sem são foi tem têm eu ele ela eles elas nós meu minha seu seus suas
quem qual onde muito também já isso isto
het een of maar niet met van voor naar uit bij op over onder aan tot is zijn waren wordt worden heeft hebben kan
kunnen ik jij hij zij ze wij we jullie mij jou hem haar ons onze mijn jouw dit dat deze wat waar wanneer hoe ook nog
meer zeer om
`
