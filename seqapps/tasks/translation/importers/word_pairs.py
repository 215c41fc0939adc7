"""Spanish and English words that are filled into carriers, pair by pair."""

CITIES = """
Londres London|París Paris|Berlín Berlin|Roma Rome|Sevilla Seville|Moscú Moscow
Viena Vienna|Ginebra Geneva|Múnich Munich|Lisboa Lisbon|Atenas Athens
Pekín Beijing|Tokio Tokyo|Estocolmo Stockholm|Copenhague Copenhagen
Varsovia Warsaw|Praga Prague|Bruselas Brussels|Milán Milan|Florencia Florence
Venecia Venice|Nápoles Naples|Turín Turin|Marsella Marseille|Zaragoza Zaragoza
Edimburgo Edinburgh|Dublín Dublin|Filadelfia Philadelphia|El_Cairo Cairo
Nueva_York New_York|Nueva_Orleans New_Orleans|La_Habana Havana|Estambul Istanbul
Ciudad_de_México Mexico_City|Córdoba Córdoba|Málaga Malaga|Bogotá Bogotá
Hamburgo Hamburg|Colonia Cologne|Fráncfort Frankfurt|Burdeos Bordeaux
Bucarest Bucharest|Belgrado Belgrade|Kiev Kyiv|Jerusalén Jerusalem
Amberes Antwerp|Gante Ghent|Brujas Bruges|Lovaina Leuven|La_Haya The_Hague
Róterdam Rotterdam|Ámsterdam Amsterdam|Utrecht Utrecht|Basilea Basel
Zúrich Zurich|Berna Bern|Lausana Lausanne|Lucerna Lucerne|Salzburgo Salzburg
Núremberg Nuremberg|Dresde Dresden|Maguncia Mainz|Tréveris Trier
Friburgo Freiburg|Gotinga Göttingen|Ratisbona Regensburg|Aquisgrán Aachen
Estrasburgo Strasbourg|Tolosa Toulouse|Aviñón Avignon|Niza Nice|Lyon Lyon
Génova Genoa|Bolonia Bologna|Padua Padua|Mantua Mantua|Siena Siena|Pisa Pisa
Verona Verona|Palermo Palermo|Siracusa Syracuse|Cracovia Kraków
Breslavia Wrocław
Budapest Budapest|Sofía Sofia|Salónica Thessaloniki|Nicosia Nicosia
Zagreb Zagreb|Liubliana Ljubljana|Vilna Vilnius|Riga Riga|Tallin Tallinn
Helsinki Helsinki|Oslo Oslo|Gotemburgo Gothenburg|Reikiavik Reykjavik
San_Petersburgo Saint_Petersburg|Tiflis Tbilisi|Ereván Yerevan|Bakú Baku
Teherán Tehran|Bagdad Baghdad|Damasco Damascus|Beirut Beirut|Belén Bethlehem
Ammán Amman|Riad Riyadh|La_Meca Mecca|Doha Doha|Dubái Dubai|Kabul Kabul
Nueva_Delhi New_Delhi|Bombay Mumbai|Calcuta Kolkata|Katmandú Kathmandu
Singapur Singapore|Yakarta Jakarta|Hanói Hanoi|Seúl Seoul|Kioto Kyoto
Hiroshima Hiroshima|Shanghái Shanghai|Cantón Guangzhou|Sídney Sydney
Melbourne Melbourne|Ciudad_del_Cabo Cape_Town|Johannesburgo Johannesburg
Túnez Tunis|Argel Algiers|Trípoli Tripoli|Tánger Tangier|Casablanca Casablanca
Fez Fez|Marrakech Marrakesh|Alejandría Alexandria|Adís_Abeba Addis_Ababa
Jartum Khartoum|Nairobi Nairobi|Los_Ángeles Los_Angeles
San_Francisco San_Francisco|Washington Washington|Boston Boston
Nuevo_México New_Mexico|Montreal Montreal|Toronto Toronto|Ottawa Ottawa
Ciudad_de_Panamá Panama_City|Ciudad_de_Guatemala Guatemala_City
San_José San_José|Santo_Domingo Santo_Domingo|Buenos_Aires Buenos_Aires
Montevideo Montevideo|Lima Lima|Cuzco Cuzco|Quito Quito|Caracas Caracas
Brasilia Brasília|Río_de_Janeiro Rio_de_Janeiro|San_Pablo São_Paulo
Oporto Porto|La_Coruña A_Coruña|Pamplona Pamplona|Bilbao Bilbao|Cádiz Cadiz
Granada Granada|Valencia Valencia|Barcelona Barcelona|Madrid Madrid
Cartagena Cartagena|Mallorca Majorca|Menorca Menorca|Ibiza Ibiza
"""
COUNTRIES = """
España Spain|Francia France|Alemania Germany|Italia Italy|Portugal Portugal
Inglaterra England|Escocia Scotland|Gales Wales|Irlanda Ireland
Gran_Bretaña Great_Britain|Bélgica Belgium|Holanda Holland|Suiza Switzerland
Austria Austria|Dinamarca Denmark|Suecia Sweden|Noruega Norway|Finlandia Finland
Islandia Iceland|Polonia Poland|Hungría Hungary|Rumanía Romania|Grecia Greece
Bulgaria Bulgaria|Serbia Serbia|Croacia Croatia|Eslovenia Slovenia
Eslovaquia Slovakia|Bosnia Bosnia|Albania Albania|Ucrania Ukraine|Rusia Russia
Lituania Lithuania|Letonia Latvia|Estonia Estonia|Bielorrusia Belarus
Turquía Turkey|Chipre Cyprus|Malta Malta|Luxemburgo Luxembourg|Georgia Georgia
Armenia Armenia|Irán Iran|Irak Iraq|Siria Syria|Líbano Lebanon|Israel Israel
Jordania Jordan|Arabia_Saudita Saudi_Arabia|Egipto Egypt|Libia Libya
Argelia Algeria|Marruecos Morocco|Mauritania Mauritania|Malí Mali|Níger Niger
Nigeria Nigeria|Ghana Ghana|Camerún Cameroon|Etiopía Ethiopia|Kenia Kenya
Tanzania Tanzania|Uganda Uganda|Ruanda Rwanda|Zimbabue Zimbabwe
Sudáfrica South_Africa|Madagascar Madagascar|India India|Pakistán Pakistan
Afganistán Afghanistan|Nepal Nepal|Tailandia Thailand|Camboya Cambodia
Vietnam Vietnam|Malasia Malaysia|Indonesia Indonesia|China China|Taiwán Taiwan
Japón Japan|Corea_del_Sur South_Korea|Corea_del_Norte North_Korea
Mongolia Mongolia|Australia Australia|Nueva_Zelanda New_Zealand|Canadá Canada
México Mexico|Cuba Cuba|Haití Haiti|Jamaica Jamaica|Puerto_Rico Puerto_Rico
Guatemala Guatemala|Honduras Honduras|Nicaragua Nicaragua|Costa_Rica Costa_Rica
Panamá Panama|Colombia Colombia|Venezuela Venezuela|Ecuador Ecuador|Perú Peru
Bolivia Bolivia|Chile Chile|Argentina Argentina|Uruguay Uruguay
Paraguay Paraguay|Brasil Brazil|Cataluña Catalonia|Andalucía Andalusia
Castilla Castile|Galicia Galicia|Baviera Bavaria|Sajonia Saxony|Bretaña Brittany
Normandía Normandy|Provenza Provence|Borgoña Burgundy|Toscana Tuscany
Lombardía Lombardy|Sicilia Sicily|Cerdeña Sardinia|Córcega Corsica|Creta Crete
Siberia Siberia|Crimea Crimea|Flandes Flanders|Europa Europe|África Africa
Asia Asia|América America|Groenlandia Greenland|Hawái Hawaii|Texas Texas
California California|Pensilvania Pennsylvania|Luisiana Louisiana|Quebec Quebec
"""
MONTHS = """
enero January|febrero February|marzo March|abril April|mayo May|junio June
julio July|agosto August|septiembre September|octubre October
noviembre November|diciembre December
"""
WEEKDAYS = """
lunes Monday|martes Tuesday|miércoles Wednesday|jueves Thursday|viernes Friday
sábado Saturday|domingo Sunday
"""
OBJECTS = """
libro book|reloj watch|coche car|paquete parcel|abrigo coat|teléfono phone
ordenador computer|piso flat|cuadro painting|sofá sofa|anillo ring|tren train
regalo present|vestido dress|martillo hammer|paraguas umbrella|barco boat
"""
# by the kind of a carrier
TABLES = {
    "c": CITIES,
    "l": COUNTRIES,
    "m": MONTHS,
    "h": WEEKDAYS,
    "o": OBJECTS,
}


def pairs_of(table: str) -> list[list[str]]:
    """The pairs of words of such a table; a _ is a space."""
    cells = table.replace("\n", "|").split("|")
    return [
        [side.replace("_", " ") for side in cell.split()]
        for cell in cells
        if cell
    ]
